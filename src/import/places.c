/* places.c - where each fact was found, and which two places contradict. */
#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "import/evidence_state.h"
#include "import/reader.h"

enum { NAME_MAX_BYTES = 1024 };

/* ---- places ---- */

static const char *input_name(const struct ta_evidence *evidence, uint32_t input)
{
	return ta_json_text(json_array_get(evidence->inputs, input), "name");
}

struct ta_found ta_reading_found(const struct ta_reading *reading, uint64_t line)
{
	const struct ta_evidence *evidence = reading->evidence;

	return (struct ta_found){
		.namespace_ =
			evidence->space_count > 1 || reading->netns
				? ta_json_text(evidence->spaces[reading->netns].object, "name")
				: NULL,
		.input = reading->input,
		.line = line,
		.as = reading->command.text[0] ? reading->command.text
		      : reading->file[0]       ? reading->file
					       : reading->as,
	};
}

static void build_place(struct ta_evidence *evidence, const struct ta_found *found, json_t *row)
{
	struct ta_builder *builder = &evidence->builder;

	ta_build_text(builder, row, "fact", found->fact);
	if (found->namespace_)
		ta_build_text(builder, row, "namespace", found->namespace_);
	if (found->key)
		ta_build_text(builder, row, "key", found->key);
	ta_build_text(builder, row, "from", input_name(evidence, found->input));
	ta_build_uint(builder, row, "line", found->line);
	if (found->last_line > found->line)
		ta_build_uint(builder, row, "last_line", found->last_line);
	ta_build_text(builder, row, "as", found->as ? found->as : "text");
}

void ta_evidence_place(struct ta_evidence *evidence, const char *path, const struct ta_found *found,
		       json_t **ret_earlier)
{
	json_t *row = json_object_get(evidence->places, path);
	bool failed = false;

	if (ret_earlier)
		*ret_earlier = row ? json_copy(row) : NULL;
	if (evidence->builder.failed)
		return;
	if (row) {
		json_object_clear(row);
	} else {
		row = ta_build_row(&evidence->builder, evidence->sources);
		failed = !row || json_object_set(evidence->places, path, row) < 0;
	}
	evidence->builder.failed |= failed;
	build_place(evidence, found, row);
}

/* ---- conflicts ---- */

static void build_side(struct ta_builder *builder, json_t *conflict, const char *name,
		       const char *from, json_int_t line, json_t *value)
{
	json_t *side = ta_build_object(builder, conflict, name);

	ta_build_text(builder, side, "from", from);
	ta_build_int(builder, side, "line", line);
	ta_build_value(builder, side, "value", json_incref(value));
}

/* A row of conflicts; NULL when there are too many. */
static json_t *new_conflict(struct ta_evidence *evidence, const struct ta_found *found)
{
	struct ta_builder *builder = &evidence->builder;
	json_t *row;

	if (json_array_size(evidence->conflicts) >= TA_EVIDENCE_ROWS)
		return NULL;
	row = ta_build_row(builder, evidence->conflicts);
	ta_build_text(builder, row, "fact", found->fact);
	if (found->namespace_)
		ta_build_text(builder, row, "namespace", found->namespace_);
	if (found->key)
		ta_build_text(builder, row, "key", found->key);
	return row;
}

/* Whether this capture and the earlier input have a conflict of such facts already: it counts one
 * more. If not, *ret_name is what the row is to be remembered by. */
static bool is_told(struct ta_evidence *evidence, const struct ta_found *found,
		    const json_t *earlier, char *ret_name, size_t size)
{
	json_t *row;

	snprintf(ret_name, size, "%s\n%s\n%s", found->together,
		 found->namespace_ ? found->namespace_ : "", ta_json_text(earlier, "from"));
	row = json_object_get(evidence->told, ret_name);
	if (!row)
		return false;
	ta_build_int(&evidence->builder, row, "others",
		     json_integer_value(json_object_get(row, "others")) + 1);
	return true;
}

static void build_conflict(struct ta_evidence *evidence, const struct ta_found *found,
			   const json_t *earlier, json_t *earlier_value, json_t *later_value)
{
	struct ta_builder *builder = &evidence->builder;
	char name[NAME_MAX_BYTES];
	json_t *row;

	if (found->together && is_told(evidence, found, earlier, name, sizeof(name)))
		return;
	row = new_conflict(evidence, found);
	if (!row)
		return;
	build_side(builder, row, "earlier", ta_json_text(earlier, "from"),
		   json_integer_value(json_object_get(earlier, "line")), earlier_value);
	build_side(builder, row, "later", input_name(evidence, found->input),
		   (json_int_t)found->line, later_value);
	if (found->together)
		builder->failed |= json_object_set(evidence->told, name, row) < 0;
}

void ta_evidence_conflict(struct ta_evidence *evidence, const struct ta_found *found,
			  const json_t *earlier, json_t *earlier_value, json_t *later_value)
{
	build_conflict(evidence, found, earlier, earlier_value, later_value);
	json_decref(earlier_value);
	json_decref(later_value);
}

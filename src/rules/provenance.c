/* provenance.c - see provenance.h.
 *
 * Sources are kept by fact, namespace and row, and found again by the longest path that leads to
 * what is read, in the namespace and the row at hand where the source names one. Those of one file
 * that were read as the same thing become one range of lines. */
#include "rules/provenance.h"

#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "base/language.h"
#include "base/macros.h"
#include "rules/path.h"
#include "rules/reads.h"

enum {
	MAX_PLACES = 4,  /* of one fact, and in one row of evidence */
	MAX_TEXT = 4096, /* bytes of what is said, and of a key */
};

/* What stands for each namespace, or for each row: no name of either. */
#define ANY "*"

/* ---- keeping ------------------------------------------------------------------------ */

static void make_key(struct ta_buf *key, const char *fact, size_t fact_len, const char *namespace_,
		     const char *row)
{
	ta_buf_clear(key);
	ta_buf_add(key, fact, fact_len);
	ta_buf_printf(key, "\n%s\n%s", namespace_, row);
}

static json_int_t last_line(const json_t *place)
{
	const json_t *last = json_object_get(place, "last_line");

	return json_integer_value(last ? last : json_object_get(place, "line"));
}

static bool is_same_text(const json_t *a, const json_t *b)
{
	return strcmp(ta_json_text(a, "from"), ta_json_text(b, "from")) == 0 &&
	       strcmp(ta_json_text(a, "as"), ta_json_text(b, "as")) == 0;
}

/* Makes the lines of a place those of both. */
static bool widen(json_t *place, const json_t *other)
{
	json_int_t line = json_integer_value(json_object_get(other, "line"));
	json_int_t first = json_integer_value(json_object_get(place, "line"));
	json_int_t last = last_line(place), other_last = last_line(other);

	return ta_json_set(place, "last_line",
			   json_integer(other_last > last ? other_last : last)) &&
	       ta_json_set(place, "line", json_integer(line < first ? line : first));
}

/* Adds a place to a list: to one of the same text, or as one more. */
static bool merge(json_t *list, const json_t *place)
{
	json_t *known;
	size_t i;

	json_array_foreach (list, i, known)
		if (is_same_text(known, place))
			return widen(known, place);
	return i >= MAX_PLACES || json_array_append_new(list, ta_json_copy(place)) == 0;
}

static bool keep(struct ta_provenance *provenance, const struct ta_buf *key, const json_t *source)
{
	json_t *list = json_object_get(provenance->places, ta_buf_cstr(key));

	if (key->failed)
		return key->failed == TA_E_LIMIT; /* so long a name is not looked for */
	if (!list) {
		list = json_array();
		if (!ta_json_set(provenance->places, ta_buf_cstr(key), list))
			return false;
	}
	return merge(list, source);
}

/* By its namespace and row, and for those who can't tell which they read. */
static bool add_source(struct ta_provenance *provenance, const json_t *source)
{
	ta_auto(ta_buf_done) struct ta_buf key = TA_BUF_INIT(MAX_TEXT);
	const char *fact = ta_json_text(source, "fact");
	const char *namespaces[] = { ta_json_text(source, "namespace"), ANY };
	const char *rows[] = { ta_json_text(source, "key"), ANY };

	for (size_t i = 0; i < TA_ARRAY_SIZE(namespaces); i++)
		for (size_t j = 0; j < TA_ARRAY_SIZE(rows); j++) {
			make_key(&key, fact, strlen(fact), namespaces[i], rows[j]);
			if (!keep(provenance, &key, source))
				return false;
		}
	return true;
}

bool ta_provenance_init(struct ta_provenance *provenance, const json_t *snapshot)
{
	const json_t *evidence = json_object_get(snapshot, "evidence");
	json_t *source;
	size_t i;

	*provenance = (struct ta_provenance){ .places = evidence ? json_object() : NULL };
	if (!evidence)
		return true;
	json_array_foreach (json_object_get(evidence, "sources"), i, source)
		if (!provenance->places || !add_source(provenance, source))
			return false;
	return provenance->places != NULL;
}

void ta_provenance_done(struct ta_provenance *provenance)
{
	json_decref(provenance->places);
	*provenance = (struct ta_provenance){ 0 };
}

/* ---- finding ------------------------------------------------------------------------ */

struct looking {
	const struct ta_judgement *j;
	const char *namespace_;
	json_t *found; /* places */
	struct ta_buf key;
	bool no_memory;
};

static const json_t *places_at(struct looking *at, const char *path, size_t len,
			       const char *namespace_, const char *row)
{
	make_key(&at->key, path, len, namespace_, row);
	at->no_memory |= at->key.failed == TA_E_NOMEM;
	if (at->key.failed)
		return NULL;
	return json_object_get(at->j->provenance->places, ta_buf_cstr(&at->key));
}

static const json_t *places_of_row(struct looking *at, const char *path, size_t len,
				   const char *row)
{
	const json_t *places = places_at(at, path, len, at->namespace_, row);

	return places ? places : places_at(at, path, len, "", row);
}

static const json_t *places_of_number(struct looking *at, const char *path, size_t len,
				      const char *member)
{
	const json_t *value = json_object_get(at->j->element, member);
	char number[24];

	snprintf(number, sizeof(number), "%" JSON_INTEGER_FORMAT, json_integer_value(value));
	return value ? places_of_row(at, path, len, number) : NULL;
}

/* A row is named by what is written of it: a process by its number, others by their address, and a
 * listener of which a program has told no more by its port. */
static const json_t *places_of_element(struct looking *at, const char *path, size_t len)
{
	static const char *const names[] = { "local", "remote", "name" };
	const json_t *places = places_of_number(at, path, len, "pid");

	for (size_t i = 0; !places && i < TA_ARRAY_SIZE(names); i++) {
		const char *name = ta_json_string(at->j->element, names[i]);

		if (name)
			places = places_of_row(at, path, len, name);
	}
	if (!places)
		places = places_of_number(at, path, len, "port");
	return places ? places : places_of_row(at, path, len, "");
}

static void look_up(void *ctx, const struct ta_read *read)
{
	struct looking *at = ctx;
	const json_t *places = NULL, *place;
	size_t i;

	for (size_t len = strlen(read->path); len > 0 && !places;
	     len = ta_path_parent(read->path, len))
		places = read->of_element ? places_of_element(at, read->path, len)
					  : places_of_row(at, read->path, len, ANY);
	json_array_foreach (places, i, place)
		at->no_memory |= !merge(at->found, place);
}

static void add_place(struct ta_buf *out, const json_t *place)
{
	json_int_t first = json_integer_value(json_object_get(place, "line"));
	const char *as = ta_json_string(place, "as");

	ta_buf_printf(out, "%s%s:%" JSON_INTEGER_FORMAT, out->len ? ", " : "",
		      ta_json_text(place, "from"), first);
	if (last_line(place) > first)
		ta_buf_printf(out, "-%" JSON_INTEGER_FORMAT, last_line(place));
	if (as)
		ta_buf_printf(out, " (%s)", as);
}

static json_t *text_of(const json_t *places, const char *otherwise)
{
	ta_auto(ta_buf_done) struct ta_buf text = TA_BUF_INIT(MAX_TEXT);
	const json_t *place;
	size_t i;

	json_array_foreach (places, i, place)
		add_place(&text, place);
	if (text.failed == TA_E_NOMEM)
		return NULL;
	return json_string(text.len && !text.failed ? ta_buf_cstr(&text) : otherwise);
}

json_t *ta_provenance_source(const struct ta_judgement *j, const struct ta_evidence *evidence)
{
	const char *name = ta_json_string(j->ns, "name");
	struct looking at = { .j = j,
			      .namespace_ = name ? name : ANY,
			      .key = TA_BUF_INIT(MAX_TEXT) };
	json_t *text = NULL;

	if (!j->provenance || !j->provenance->places)
		return json_string(_(evidence->source));
	at.found = json_array();
	if (at.found) {
		ta_expr_reads(j->rule, evidence->value, look_up, &at);
		if (evidence->limit)
			ta_expr_reads(j->rule, evidence->limit, look_up, &at);
		text = at.no_memory ? NULL : text_of(at.found, _(evidence->source));
	}
	json_decref(at.found);
	ta_buf_done(&at.key);
	return text;
}

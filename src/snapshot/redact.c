/* redact.c - see redact.h.
 *
 * The document is walked beside its schema, four times: what it has that no pseudonym may be; the
 * names that stand in members of their own; the names that texts and paths have beyond those; and
 * when all are known, each string is replaced. */
#include "snapshot/redact.h"

#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/macros.h"
#include "base/schema.h"
#include "base/text.h"
#include "snapshot/document.h"
#include "snapshot/redact_name.h"
#include "snapshot/redact_text.h"
#include "snapshot/tunables.h"

enum { STRING_CAP = 1 << 26 }; /* bytes of one string that was redacted */

struct ta_redactor {
	const json_t *schema;
	struct ta_redaction redaction;
	size_t left_out; /* members that the schema does not know */
};

/* What x-redact of a string says, and who writes it. */
static const struct kind {
	const char *name;
	ta_redact_part *part;
	bool has_others; /* may hold names that stand in other members, too */
} kinds[] = {
	{ "address", ta_redact_address, false }, { "container", ta_redact_container, false },
	{ "host", ta_redact_host, false },       { "interface", ta_redact_interface, false },
	{ "key", ta_redact_key, false },         { "namespace", ta_redact_namespace, false },
	{ "path", ta_redact_path, true },        { "process", ta_redact_process, false },
	{ "profile", ta_redact_profile, false }, { "remark", ta_redact_remark, true },
	{ "text", ta_redact_text, true },        { "unit", ta_redact_unit, false },
	{ "user", ta_redact_user, false },       { "uuid", ta_redact_uuid, false },
};

enum stage {
	LEARN_NAMES,
	LEARN_TEXTS,
	REPLACE,
};

static void free_redactor(struct ta_redactor *redactor)
{
	if (!redactor)
		return;
	ta_pseudonyms_done(&redactor->redaction.names);
	ta_address_book_done(&redactor->redaction.addresses);
	free(redactor);
}

TA_DEFINE_AUTO(struct ta_redactor, free_redactor)

struct ta_redactor *ta_redactor_new(struct ta_error *err)
{
	ta_auto(free_redactor_p) struct ta_redactor *redactor = calloc(1, sizeof(*redactor));

	if (!redactor) {
		ta_fail(err, TA_E_NOMEM, "out of memory");
		return NULL;
	}
	ta_address_book_init(&redactor->redaction.addresses);
	redactor->schema = ta_snapshot_schema(err);
	if (!redactor->schema || !ta_pseudonyms_init(&redactor->redaction.names, err))
		return NULL;
	return TA_TAKE(redactor);
}

void ta_redactor_free(struct ta_redactor *redactor)
{
	free_redactor(redactor);
}

static bool has_failed(const struct ta_redactor *redactor)
{
	return redactor->redaction.names.failed || redactor->redaction.addresses.failed;
}

static struct ta_slice text_of(const json_t *string)
{
	return ta_slice(json_string_value(string), json_string_length(string));
}

/* ---- what the document has ---- */

static void avoid(struct ta_redactor *redactor, const json_t *value)
{
	const char *name;
	json_t *child;
	size_t i;

	if (json_is_string(value))
		ta_redact_avoid(&redactor->redaction, text_of(value));
	json_array_foreach (value, i, child)
		avoid(redactor, child);
	json_object_foreach ((json_t *)(uintptr_t)value, name, child)
		avoid(redactor, child);
}

/* ---- strings ---- */

/* NULL: it stays, as one of a list that the schema has, or as the schema says. */
static const struct kind *kind_of(const json_t *schema)
{
	const char *name = ta_json_text(schema, "x-redact");

	for (size_t i = 0; i < TA_ARRAY_SIZE(kinds); i++)
		if (strcmp(kinds[i].name, name) == 0)
			return &kinds[i];
	return NULL;
}

/* What the string becomes, a new reference; NULL when it stays or memory ran out. */
static json_t *replaced(struct ta_redactor *redactor, const struct kind *kind, const json_t *string)
{
	ta_auto(ta_buf_done) struct ta_buf text = TA_BUF_INIT(STRING_CAP);
	json_t *value = NULL;

	kind->part(&redactor->redaction, text_of(string), &text);
	if (ta_buf_ok(&text, NULL))
		value = json_stringn(ta_buf_cstr(&text), text.len);
	if (!value)
		redactor->redaction.names.failed = true;
	return value;
}

/* The string as it is to be from this stage on; a new reference. */
static json_t *redact_string(struct ta_redactor *redactor, const json_t *schema, json_t *string,
			     enum stage stage)
{
	const struct kind *kind = kind_of(schema);
	json_t *value;

	if (!kind || (stage == LEARN_NAMES && kind->has_others) ||
	    (stage == LEARN_TEXTS && !kind->has_others))
		return json_incref(string);
	value = replaced(redactor, kind, string);
	if (stage == REPLACE)
		return value;
	json_decref(value);
	return json_incref(string);
}

/* ---- the walk ---- */

/* The schema of a member; NULL when it has none, and the member may be called anything. */
static const json_t *member_schema(const json_t *root, const json_t *schema, const char *name)
{
	const json_t *own = json_object_get(json_object_get(schema, "properties"), name);
	const json_t *others = json_object_get(schema, "additionalProperties");
	size_t word = 0;

	if (own || !json_is_object(others))
		return ta_schema_deref(root, own);
	if (json_object_get(schema, "x-catalogue"))
		return ta_tunable_find(name) ? ta_schema_deref(root, others) : NULL;
	while (ta_text_is_word_byte(name[word]))
		word++;
	return name[word] ? NULL : ta_schema_deref(root, others);
}

static void walk(struct ta_redactor *redactor, const json_t *schema, json_t *value,
		 enum stage stage);

/* The value as it is to be from this stage on; a new reference. */
static json_t *redact_value(struct ta_redactor *redactor, const json_t *schema, json_t *value,
			    enum stage stage)
{
	if (json_is_string(value))
		return redact_string(redactor, schema, value, stage);
	walk(redactor, schema, value, stage);
	return json_incref(value);
}

static void walk_object(struct ta_redactor *redactor, const json_t *schema, json_t *object,
			enum stage stage)
{
	const char *name;
	json_t *child;
	void *next;

	json_object_foreach_safe (object, next, name, child) {
		const json_t *own = member_schema(redactor->schema, schema, name);

		if (!own) {
			redactor->left_out++;
			json_object_del(object, name);
		} else if (json_object_set_new(object, name,
					       redact_value(redactor, own, child, stage)) < 0) {
			redactor->redaction.names.failed = true;
		}
	}
}

static void walk(struct ta_redactor *redactor, const json_t *schema, json_t *value,
		 enum stage stage)
{
	const json_t *items = ta_schema_deref(redactor->schema, json_object_get(schema, "items"));
	json_t *child;
	size_t i;

	if (json_is_object(value))
		walk_object(redactor, schema, value, stage);
	json_array_foreach (value, i, child)
		if (json_array_set_new(value, i, redact_value(redactor, items, child, stage)) < 0)
			redactor->redaction.names.failed = true;
}

/* ---- the document ---- */

static bool is_redacted(const json_t *document)
{
	return json_is_true(json_object_get(json_object_get(document, "collection"), "redacted"));
}

static bool mark(json_t *document)
{
	json_t *collection = json_object_get(document, "collection");

	if (!collection) {
		collection = json_object();
		if (!ta_json_set(document, "collection", collection))
			return false;
	}
	return ta_json_set(collection, "redacted", json_true());
}

/* A reader must not take what was left out for what the host does not have. */
static bool add_gap(json_t *document, size_t left_out)
{
	json_t *gap;

	if (!left_out)
		return true;
	gap = json_pack("{s:s, s:s, s:[]}", "what", "facts that this version does not know", "why",
			"--redact leaves out what it can't tell the kind of", "facts");
	return json_array_append_new(json_object_get(document, "gaps"), gap) == 0;
}

bool ta_redact(struct ta_redactor *redactor, json_t *document, struct ta_error *err)
{
	if (is_redacted(document))
		return true;
	redactor->left_out = 0;
	avoid(redactor, document);
	for (enum stage stage = LEARN_NAMES; stage <= REPLACE; stage++)
		walk(redactor, redactor->schema, document, stage);
	if (!mark(document) || !add_gap(document, redactor->left_out) || has_failed(redactor))
		return ta_fail(err, TA_E_LIMIT,
			       "--redact: out of memory, or more addresses than can be told apart");
	return true;
}

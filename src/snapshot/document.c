/* document.c - see document.h and tcpadvise/snapshot.h. */
#include "snapshot/document.h"

#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "base/locate.h"
#include "base/macros.h"
#include "base/schema.h"
#include "base/shape.h"
#include "base/text.h"
#include "snapshot/catalogue.h"

enum { MAX_POINTER = 512 };

TA_DEFINE_AUTO(json_t, json_decref)

/* ---- what every snapshot is held against --------------------------------------------- */

static void *load_schema(struct ta_error *err)
{
	return ta_catalogue_parse(TA_SNAPSHOT_SCHEMA_INDEX, err);
}

static void drop_schema(void *loaded)
{
	json_decref(loaded);
}

const json_t *ta_snapshot_schema(struct ta_error *err)
{
	static _Atomic(void *) kept;

	return ta_catalogue_get(&kept, load_schema, drop_schema, err);
}

static void *load_shape(struct ta_error *err)
{
	const json_t *schema = ta_snapshot_schema(err);
	struct ta_shape *shape = schema ? ta_shape_new(schema) : NULL;

	if (schema && !shape)
		ta_fail(err, TA_E_NOMEM, "out of memory");
	return shape;
}

static void drop_shape(void *loaded)
{
	ta_shape_free(loaded);
}

static const struct ta_shape *the_shape(struct ta_error *err)
{
	static _Atomic(void *) kept;

	return ta_catalogue_get(&kept, load_shape, drop_shape, err);
}

/* ---- checking ---------------------------------------------------------------------- */

struct first_mistake {
	char *pointer;
	size_t size;
	struct ta_error *err;
};

static void keep_first(void *ctx, const char *pointer, bool on_key, const char *text,
		       const char *hint)
{
	struct first_mistake *first = ctx;

	(void)on_key;
	if (first->err->code)
		return;
	snprintf(first->pointer, first->size, "%s", pointer);
	ta_fail(first->err, TA_E_INPUT, "%s: %s%s%s", *pointer ? pointer : "the document", text,
		*hint ? "; " : "", hint);
}

/* ret_pointer has room for size bytes: where the mistake is. */
static bool check_at(json_t *document, char *ret_pointer, size_t size, struct ta_error *err)
{
	struct ta_error own = TA_ERROR_INIT;
	struct first_mistake first = { ret_pointer, size, err ? err : &own };
	const struct ta_shape *shape = the_shape(first.err);

	if (!shape)
		return false;
	if (ta_shape_fit(shape, document))
		return true;
	/* what does not fit has a mistake, or there was no memory for what is changed in it */
	if (ta_schema_check(ta_snapshot_schema(first.err), document, TA_SCHEMA_OPEN, keep_first,
			    &first) == 0)
		ta_fail(err, TA_E_NOMEM, "out of memory");
	return false;
}

bool ta_snapshot_check(json_t *document, struct ta_error *err)
{
	char pointer[MAX_POINTER];

	return check_at(document, pointer, sizeof(pointer), err);
}

/* ---- reading ----------------------------------------------------------------------- */

static bool wrong_schema(const json_t *document, struct ta_error *err)
{
	const char *schema = ta_json_string(document, "schema");

	if (!schema)
		return ta_fail(err, TA_E_INPUT,
			       "this is no snapshot: the member \"schema\": \"%s\" is missing",
			       TA_SNAPSHOT_SCHEMA);
	if (strcmp(schema, TA_REPORT_SCHEMA) == 0)
		return ta_fail(err, TA_E_INPUT,
			       "this report does not have the snapshot that it was made of; "
			       "tcpadvise audit --format json --with-snapshot puts it in");
	return ta_fail(err, TA_E_INPUT, "this is a '%.64s', expected a '%s'", schema,
		       TA_SNAPSHOT_SCHEMA);
}

static bool is_snapshot(const json_t *document)
{
	return strcmp(ta_json_text(document, "schema"), TA_SNAPSHOT_SCHEMA) == 0;
}

/* The document, or what it embeds, with where that is. NULL when neither is a snapshot. */
static json_t *find_snapshot(json_t *document, const char **ret_pointer)
{
	json_t *embedded = json_object_get(document, "snapshot");

	*ret_pointer = "";
	if (is_snapshot(document))
		return document;
	*ret_pointer = "/snapshot";
	return strcmp(ta_json_text(document, "schema"), TA_REPORT_SCHEMA) == 0 &&
			       is_snapshot(embedded)
		       ? embedded
		       : NULL;
}

/* The place of a pointer in the text; false always. */
static bool fail_in_text(struct ta_error *err, const char *name, const char *text, size_t len,
			 const char *pointer)
{
	struct ta_location at;
	int line, column;

	if (!ta_json_locate(text, len, pointer, &at))
		return false;
	ta_text_line(text, at.value, &line, &column);
	return ta_fail_at(err, name, line, column);
}

bool ta_snapshot_parse(const char *text, size_t len, const char *name, json_t **ret,
		       struct ta_error *err)
{
	json_error_t syntax;
	char pointer[MAX_POINTER], path[MAX_POINTER + 16];
	const char *base;
	ta_auto(json_decref_p) json_t *document =
		json_loadb(text, len, JSON_REJECT_DUPLICATES, &syntax);
	json_t *snapshot = find_snapshot(document, &base);

	if (!document) {
		ta_fail(err, TA_E_INPUT, "not JSON: %s", syntax.text);
		return ta_fail_at(err, name, syntax.line, syntax.column);
	}
	if (!snapshot) {
		wrong_schema(document, err);
		return ta_fail_at(err, name, 1, 1);
	}
	pointer[0] = '\0';
	if (!check_at(snapshot, pointer, sizeof(pointer), err)) {
		snprintf(path, sizeof(path), "%s%s", base, pointer);
		return fail_in_text(err, name, text, len, path);
	}
	*ret = json_incref(snapshot);
	return true;
}

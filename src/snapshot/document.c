/* document.c - see document.h and tcpadvise/snapshot.h. */
#include "snapshot/document.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/locate.h"
#include "base/macros.h"
#include "base/resource.h"
#include "base/schema.h"
#include "base/shape.h"
#include "base/text.h"

enum { MAX_POINTER = 512 };

TA_DEFINE_AUTO(json_t, json_decref)

json_t *ta_snapshot_schema(struct ta_error *err)
{
	const struct ta_resource *text = ta_resource_find("index/snapshot.schema.json");
	json_t *schema = text ? json_loadb(text->data, text->size, 0, NULL) : NULL;

	if (!schema)
		ta_fail(err, TA_E_NOMEM, "can't load the snapshot schema");
	return schema;
}

/* ---- the shape of every snapshot ---------------------------------------------------- */

/* The schema and its shape, made when the first document is checked and kept from then on. */
struct form {
	json_t *schema;
	struct ta_shape *shape;
};

static _Atomic(const struct form *) kept;

static void form_free(struct form *form)
{
	ta_shape_free(form->shape);
	json_decref(form->schema);
	free(form);
}

static struct form *form_new(struct ta_error *err)
{
	struct form *form = calloc(1, sizeof(*form));

	if (form)
		form->schema = ta_snapshot_schema(err);
	if (form && form->schema)
		form->shape = ta_shape_new(form->schema);
	if (form && form->shape)
		return form;
	if (form)
		form_free(form);
	ta_fail(err, TA_E_NOMEM, "out of memory");
	return NULL;
}

/* Of two threads that come first together one keeps the other's. */
static const struct form *the_form(struct ta_error *err)
{
	const struct form *known = atomic_load(&kept);
	struct form *made = known ? NULL : form_new(err);

	if (!made || atomic_compare_exchange_strong(&kept, &known, made))
		return made ? made : known;
	form_free(made);
	return known;
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
	const struct form *form = the_form(first.err);

	if (!form)
		return false;
	if (ta_shape_fit(form->shape, document))
		return true;
	/* what does not fit has a mistake, or there was no memory for what is changed in it */
	if (ta_schema_check(form->schema, document, TA_SCHEMA_OPEN, keep_first, &first) == 0)
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

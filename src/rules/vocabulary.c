/* vocabulary.c - see vocabulary.h. */
#include "rules/vocabulary.h"

#include <string.h>

#include "base/schema.h"
#include "snapshot/document.h"
#include "snapshot/tunables.h"

enum { MAX_DEFINITIONS = 64 };

/* Types of the schema's $defs are made once each and found again by their reference. */
struct making {
	struct ta_vocabulary *vocabulary;
	const json_t *schema;
	struct {
		const char *ref;
		const struct ta_type *type;
	} made[MAX_DEFINITIONS];
	size_t count;
	bool failed;
};

static const struct ta_type *type_of(struct making *making, const json_t *node);

static const struct ta_type *scalar_type(const char *type)
{
	static const struct {
		const char *name;
		enum ta_kind kind;
	} scalars[] = { { "integer", TA_INT },
			{ "number", TA_DOUBLE },
			{ "string", TA_STRING },
			{ "boolean", TA_BOOL } };

	for (size_t i = 0; type && i < sizeof(scalars) / sizeof(scalars[0]); i++)
		if (strcmp(type, scalars[i].name) == 0)
			return ta_type_scalar(scalars[i].kind);
	return ta_type_scalar(TA_DYN);
}

static const struct ta_type *tunable_type(struct ta_types *types, enum ta_tunable_shape shape)
{
	switch (shape) {
	case TA_TUNABLE_INT:
		return ta_type_scalar(TA_INT);
	case TA_TUNABLE_INTS:
		return ta_type_list(types, ta_type_scalar(TA_INT));
	case TA_TUNABLE_STRING:
		break;
	}
	return ta_type_scalar(TA_STRING);
}

/* "x-catalogue": "netns" or "host": the keys of the catalogue with that scope. */
static const struct ta_type *catalogue_type(struct making *making, const char *title,
					    const char *scope_name)
{
	struct ta_types *types = making->vocabulary->types;
	struct ta_type *object = ta_type_object(types, title);
	enum ta_tunable_scope scope =
		strcmp(scope_name, "netns") == 0 ? TA_TUNABLE_NETNS : TA_TUNABLE_HOST;
	size_t count;
	const struct ta_tunable *tunables = ta_tunables(&count, NULL);

	if (!object || !tunables) {
		making->failed = true;
		return NULL;
	}
	for (size_t i = 0; i < count; i++) {
		const struct ta_type *type;

		if (tunables[i].scope != scope)
			continue;
		type = tunable_type(types, tunables[i].shape);
		if (!type || !ta_type_field(types, object, tunables[i].key, type))
			making->failed = true;
	}
	return object;
}

static const struct ta_type *object_type(struct making *making, const json_t *node)
{
	struct ta_types *types = making->vocabulary->types;
	const json_t *properties = json_object_get(node, "properties");
	const json_t *others = json_object_get(node, "additionalProperties");
	const char *title = json_string_value(json_object_get(node, "title"));
	const char *catalogue = json_string_value(json_object_get(node, "x-catalogue"));
	struct ta_type *object;
	const char *name;
	json_t *member;

	title = title ? title : "object";
	if (catalogue)
		return catalogue_type(making, title, catalogue);
	if (!properties)
		return ta_type_map(types, ta_type_scalar(TA_STRING),
				   json_is_object(others) ? type_of(making, others)
							  : ta_type_scalar(TA_DYN));
	object = ta_type_object(types, title);
	json_object_foreach ((json_t *)properties, name, member) {
		const struct ta_type *type = type_of(making, member);

		if (!object || !type || !ta_type_field(types, object, name, type))
			making->failed = true;
	}
	return object;
}

static const struct ta_type *plain_type(struct making *making, const json_t *node)
{
	const char *type = json_string_value(json_object_get(node, "type"));

	if (type && strcmp(type, "object") == 0)
		return object_type(making, node);
	if (type && strcmp(type, "array") == 0)
		return ta_type_list(making->vocabulary->types,
				    type_of(making, json_object_get(node, "items")));
	return scalar_type(type);
}

static const struct ta_type *type_of(struct making *making, const json_t *node)
{
	const char *ref = json_string_value(json_object_get(node, "$ref"));
	const struct ta_type *type;

	for (size_t i = 0; ref && i < making->count; i++)
		if (strcmp(making->made[i].ref, ref) == 0)
			return making->made[i].type;
	type = plain_type(making, ta_schema_deref(making->schema, node));
	if (!type)
		making->failed = true;
	if (type && ref && making->count < MAX_DEFINITIONS) {
		making->made[making->count].ref = ref;
		making->made[making->count++].type = type;
	}
	return type;
}

bool ta_vocabulary_init(struct ta_vocabulary *vocabulary, struct ta_error *err)
{
	struct making making = { .vocabulary = vocabulary };
	size_t count;

	*vocabulary = (struct ta_vocabulary){ 0 };
	if (!ta_tunables(&count, err))
		return false;
	vocabulary->types = ta_types_new();
	making.schema = ta_snapshot_schema(err);
	if (vocabulary->types && making.schema)
		vocabulary->snapshot = type_of(&making, making.schema);
	if (making.schema)
		ta_commands_init(&vocabulary->commands, making.schema);
	if (making.failed || !vocabulary->snapshot) {
		ta_vocabulary_done(vocabulary);
		return ta_fail(err, TA_E_NOMEM, "out of memory");
	}
	vocabulary->namespace_ = ta_type_element(ta_type_get(vocabulary->snapshot, "namespaces"));
	return true;
}

void ta_vocabulary_done(struct ta_vocabulary *vocabulary)
{
	ta_types_free(vocabulary->types);
	*vocabulary = (struct ta_vocabulary){ 0 };
}

const struct ta_type *ta_vocabulary_type_of(const json_t *value)
{
	return ta_type_scalar(json_is_null(value) ? TA_DYN : ta_value_from_json(value).kind);
}

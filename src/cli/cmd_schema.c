/* cmd_schema.c - tcpadvise schema [NAME]: the published schemas, as they were compiled in. */
#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "base/macros.h"
#include "base/resource.h"
#include "base/text.h"
#include "cli/options.h"
#include "cli/output.h"

static const char *const names[] = { "snapshot", "report",    "diff",      "plan",
				     "change",   "rule-pack", "rule-test", "language" };

static bool find(const char *name, const struct ta_resource **ret, struct ta_error *err)
{
	struct ta_nearest nearest;
	char path[64];

	ta_nearest_start(&nearest, name, strlen(name));
	for (size_t i = 0; i < TA_ARRAY_SIZE(names); i++) {
		ta_nearest_offer(&nearest, names[i]);
		if (strcmp(names[i], name) != 0)
			continue;
		snprintf(path, sizeof(path), "schema/%s.schema.json", name);
		*ret = ta_resource_find(path);
		return *ret != NULL;
	}
	if (ta_nearest_result(&nearest))
		return ta_fail(err, TA_E_USAGE, "unknown schema '%s'; did you mean '%s'?", name,
			       ta_nearest_result(&nearest));
	return ta_fail(
		err, TA_E_USAGE,
		"unknown schema '%s'; there are snapshot, report, diff, plan, change, rule-pack, "
		"rule-test, language",
		name);
}

/* Resources are compiled in without their indentation. */
static bool print(const struct ta_settings *settings, const struct ta_resource *schema,
		  struct ta_error *err)
{
	json_t *json = json_loadb(schema->data, schema->size, 0, NULL);
	bool ok = ta_output_json(settings, json, err);

	json_decref(json);
	return ok;
}

static int run(const struct ta_settings *settings, char *const *args, size_t count)
{
	struct ta_error err = TA_ERROR_INIT;
	const struct ta_resource *schema = NULL;

	(void)count;
	if (!find(args[0], &schema, &err))
		return ta_complain(&err, TA_EXIT_USAGE);
	if (!print(settings, schema, &err))
		return ta_complain(&err, TA_EXIT_FAILED);
	return TA_EXIT_OK;
}

const struct ta_command ta_cmd_schema = {
	.name = "schema",
	.arguments = "snapshot|report|diff|plan|change|rule-pack|rule-test|language",
	.summary = "print the JSON Schema of a document",
	.min_args = 1,
	.max_args = 1,
	.options = TA_OPTIONS_EVERYWHERE | TA_OPTION(TA_OPT_OUTPUT),
	.operands = {
		{ 1, NULL, "snapshot|report|diff|plan|change|rule-pack|rule-test|language", TA_VALUES_ANY },
	},
	.exits = {
		{ TA_EXIT_OK, "it was printed" },
		{ TA_EXIT_FAILED, "it could not be" },
		{ TA_EXIT_USAGE, "wrong usage" },
	},
	.run = run,
};

/* print.c - prints items in a dialect, for tests that hand the text to the tool that it is for.
 *
 * Standard input: {"dialect": NAME, "items": [{"kind": "sysctl", "key": ...}, ...], "options":
 * {...}}. Standard output: {"lines": [...], "taken": [whether each item is]}. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "dialect/dialect.h"
#include "snapshot/release.h"

static struct ta_dialect_item item_of(const json_t *json)
{
	return (struct ta_dialect_item){
		.kind = strcmp(ta_json_text(json, "kind"), "limit") == 0 ? TA_DIALECT_LIMIT
									 : TA_DIALECT_SYSCTL,
		.key = ta_json_text(json, "key"),
		.value = ta_json_text(json, "value"),
		.why = ta_json_text(json, "why"),
		.enter = ta_json_text(json, "enter"),
		.unit = ta_json_text(json, "unit"),
		.user = ta_json_text(json, "user"),
		.pid = json_integer_value(json_object_get(json, "pid")),
	};
}

static struct ta_dialect_options options_of(const json_t *json)
{
	struct ta_dialect_options options = {
		.kubernetes = (unsigned)json_integer_value(json_object_get(json, "kubernetes")),
		.host_network = json_is_true(json_object_get(json, "host_network")),
		.service = ta_json_string(json, "service"),
		.tuned_profile = ta_json_string(json, "tuned_profile"),
	};

	ta_release_parse(ta_json_text(json, "kernel"), &options.kernel);
	return options;
}

static json_t *print(const struct ta_dialect *dialect, const json_t *list,
		     const struct ta_dialect_options *options)
{
	size_t count = json_array_size(list);
	struct ta_dialect_item *items = calloc(count + 1, sizeof(*items));
	json_t *lines = json_array(), *taken = json_array();
	bool ok = items != NULL;

	for (size_t i = 0; ok && i < count; i++) {
		items[i] = item_of(json_array_get(list, i));
		json_array_append_new(taken,
				      json_boolean(ta_dialect_takes(dialect, &items[i], options)));
	}
	ok = ok && ta_dialect_print(dialect, items, count, options, lines);
	free(items);
	return json_pack("{s:o, s:o, s:b}", "lines", lines, "taken", taken, "ok", ok);
}

int main(void)
{
	json_error_t error;
	json_t *input = json_loadf(stdin, 0, &error), *answer;
	const struct ta_dialect *dialect = ta_dialect_find(ta_json_text(input, "dialect"));
	struct ta_dialect_options options = options_of(json_object_get(input, "options"));

	if (!input || !dialect) {
		fprintf(stderr, "%s\n", input ? "no such dialect" : error.text);
		return 2;
	}
	answer = print(dialect, json_object_get(input, "items"), &options);
	json_dumpf(answer, stdout, JSON_INDENT(2));
	json_decref(answer);
	json_decref(input);
	return 0;
}

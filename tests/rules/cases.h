/* cases.h - the cases beside each pack that is compiled in, for the tests that go through them all.
 */
#ifndef TESTS_RULES_CASES_H
#define TESTS_RULES_CASES_H

#include <jansson.h>

#include "base/resource.h"
#include "base/text.h"

/* base is the snapshot that "patch" of the case is to be laid upon: ta_test_snapshot(). */
typedef void visit_case(void *ctx, const json_t *base, const json_t *test);

static inline void each_case(visit_case *visit, void *ctx)
{
	for (size_t i = 0; i < ta_resource_count; i++) {
		const struct ta_resource *resource = &ta_resources[i];
		const json_t *test;
		json_t *file;
		size_t at;

		if (!ta_text_ends_with(resource->name, ".test.json"))
			continue;
		file = json_loadb(resource->data, resource->size, 0, NULL);
		json_array_foreach (json_object_get(file, "cases"), at, test)
			visit(ctx, json_object_get(file, "base"), test);
		json_decref(file);
	}
}

#endif

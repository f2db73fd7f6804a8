/* catalogue.c - see catalogue.h. */
#include "snapshot/catalogue.h"

#include <stdatomic.h>

#include "base/resource.h"
#include "base/trusted.h"

json_t *ta_catalogue_parse(const char *name, struct ta_error *err)
{
	const struct ta_resource *text = ta_resource_find(name);
	json_t *root;

	if (!text) {
		ta_fail(err, TA_E_INPUT, "%s was not compiled in", name);
		return NULL;
	}
	root = ta_json_trusted(text->data);
	if (!root)
		ta_fail(err, TA_E_NOMEM, "out of memory");
	return root;
}

const void *ta_catalogue_get(_Atomic(void *) *slot, ta_catalogue_load *load,
			     ta_catalogue_drop *drop, struct ta_error *err)
{
	void *there = atomic_load_explicit(slot, memory_order_acquire);
	void *mine;

	if (there)
		return there;
	mine = load(err);
	if (!mine || atomic_compare_exchange_strong(slot, &there, mine))
		return mine;
	drop(mine);
	return there;
}

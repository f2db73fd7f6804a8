/* catalogue.c - see catalogue.h. */
#include "snapshot/catalogue.h"

#include <stdatomic.h>

#include "base/resource.h"

json_t *ta_catalogue_parse(const char *name, struct ta_error *err)
{
	const struct ta_resource *text = ta_resource_find(name);
	json_error_t at;
	json_t *root;

	if (!text) {
		ta_fail(err, TA_E_INPUT, "%s was not compiled in", name);
		return NULL;
	}
	root = json_loadb(text->data, text->size, 0, &at);
	if (!root && json_error_code(&at) == json_error_out_of_memory)
		ta_fail(err, TA_E_NOMEM, "out of memory");
	else if (!root)
		ta_fail(err, TA_E_INPUT, "%s:%d:%d: %s", name, at.line, at.column, at.text);
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

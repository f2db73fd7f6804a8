/* libbpf.c - see libbpf.h. */
#include "collect/bpf/libbpf.h"

#include "base/library.h"

const struct ta_libbpf *ta_libbpf_get(struct ta_error *err)
{
	static const char *const names[] = { "libbpf.so.1", NULL };
	static struct ta_libbpf functions;
	void *library = functions.libbpf_set_print ? NULL : ta_library_open(names);

	if (functions.libbpf_set_print)
		return &functions;
	if (!library) {
		ta_fail(err, TA_E_UNSUPPORTED, "libbpf 1 is not installed");
		return NULL;
	}
#define TA_LIBBPF_FIND(name)                                                                       \
	if (!ta_library_find(library, #name, &functions.name)) {                                   \
		ta_fail(err, TA_E_UNSUPPORTED, "libbpf has no " #name);                            \
		return NULL;                                                                       \
	}
	TA_LIBBPF_FUNCTIONS(TA_LIBBPF_FIND)
#undef TA_LIBBPF_FIND
	functions.libbpf_set_print(NULL); /* what it says on stderr is for its developers */
	return &functions;
}

/* path.c - see path.h. */
#include "import/path.h"

#include <string.h>

#include "base/macros.h"
#include "base/slice.h"
#include "base/text.h"

const char *ta_path_clean(const char *raw, struct ta_buf *ret)
{
	struct ta_slice rest = ta_slice(raw, strlen(raw));
	size_t depth = 0, before = ret->len;

	if (*raw == '/')
		return "its path is absolute";
	if (rest.len > TA_PATH_MAX)
		return "its path is too long";
	while (rest.len) {
		struct ta_slice part = ta_slice_cut(&rest, '/');

		if (!part.len || ta_slice_equals(part, "."))
			continue;
		if (ta_slice_equals(part, ".."))
			return "its path leads out";
		if (++depth > TA_PATH_DEPTH)
			return "it is too deep";
		if (depth > 1)
			ta_buf_char(ret, '/');
		ta_text_terminal(ret, part.data, part.len);
	}
	return ret->len - before > TA_PATH_MAX ? "its path is too long" : NULL;
}

bool ta_path_is_root(const char *name, size_t len)
{
	static const char *const roots[] = {
		"boot",         "dev",      "etc",         "lib",         "proc", "root", "run",
		"sos_commands", "sos_logs", "sos_reports", "sos_strings", "sys",  "usr",  "var"
	};

	for (size_t i = 0; i < TA_ARRAY_SIZE(roots); i++)
		if (ta_slice_equals(ta_slice(name, len), roots[i]))
			return true;
	return false;
}

/* diag_module.c - see diag_module.h. Where it can't be told (a container sees no list of what is
 * built in), the answer is no: looking must not change the host. */
#include "collect/diag_module.h"

#include <stdio.h>
#include <string.h>

#include "base/file.h"

enum { FILE_CAP = 4 << 20 };

/* Whether /proc/modules has a line of that name. */
static bool is_loaded(const struct ta_root *root, struct ta_buf *buf)
{
	if (ta_root_exists(root, "sys/module/tcp_diag"))
		return true;
	if (ta_root_read(root, "modules", buf) != 0)
		return false;
	return strncmp(ta_buf_cstr(buf), "tcp_diag ", 9) == 0 ||
	       strstr(ta_buf_cstr(buf), "\ntcp_diag ");
}

/* The helper that loads them is named in kernel.modprobe; an empty name, modules_disabled or a
 * kernel without modules mean that none is loaded. */
static bool can_load(const struct ta_root *root, struct ta_buf *buf)
{
	if (ta_root_read(root, "sys/kernel/modules_disabled", buf) == 0 &&
	    ta_buf_cstr(buf)[0] == '1')
		return false;
	if (ta_root_read(root, "sys/kernel/modprobe", buf) == 0)
		return ta_buf_cstr(buf)[0] != '\n' && buf->len > 0;
	return ta_root_exists(root, "proc/modules");
}

static bool is_built_in(const struct ta_root *root, const char *release, struct ta_buf *buf)
{
	static const char *const folders[] = { "lib/modules", "usr/lib/modules" };
	struct ta_error ignored = TA_ERROR_INIT;
	char path[256];

	for (size_t i = 0; i < TA_ARRAY_SIZE(folders); i++) {
		ta_error_clear(&ignored);
		snprintf(path, sizeof(path), "%s/%s/modules.builtin", folders[i], release);
		if (ta_file_read(root->fd, path, buf, &ignored))
			return strstr(ta_buf_cstr(buf), "/tcp_diag.ko");
	}
	return false;
}

bool ta_diag_module_is_settled(const struct ta_root *root, const char *release)
{
	ta_auto(ta_buf_done) struct ta_buf buf = TA_BUF_INIT(FILE_CAP);

	return is_loaded(root, &buf) || !can_load(root, &buf) || is_built_in(root, release, &buf);
}

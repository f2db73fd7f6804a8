/* action_file.c - a file that keeps what is set: its whole content, before and after. It is
 * replaced in one step, so that a reader sees the old or the new one. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "apply/action.h"
#include "apply/folder.h"
#include "base/file.h"
#include "base/json.h"
#include "base/text.h"

enum { FILE_MAX = 1 << 20 };

/* Files of ours only: a record that was tampered with must not write others. */
static bool path_of(const char *root, const json_t *action, char *ret, size_t size,
		    struct ta_error *err)
{
	static const char name[] = "/90-tcpadvise.conf";
	const char *path = ta_json_text(action, "path");

	if (strncmp(path, "/etc/", 5) != 0 || strstr(path, "/../") ||
	    !ta_text_ends_with(path, name))
		return ta_fail(err, TA_E_INPUT,
			       "a record has the file '%s': one in /etc called %s was expected",
			       path, name + 1);
	snprintf(ret, size, "%s%s", root, path);
	return true;
}

/* The content; JSON null when there is no such file. */
static bool read_action(const char *root, const json_t *action, json_t **ret, struct ta_error *err)
{
	ta_auto(ta_buf_done) struct ta_buf text = TA_BUF_INIT(FILE_MAX);
	struct ta_error failure = TA_ERROR_INIT;
	char path[4096];

	if (!path_of(root, action, path, sizeof(path), err))
		return false;
	if (ta_file_read(AT_FDCWD, path, &text, &failure)) {
		*ret = json_stringn(ta_buf_cstr(&text), text.len);
		return *ret || ta_fail(err, TA_E_INPUT, "%s is not valid UTF-8", path);
	}
	if (failure.sys == ENOENT || failure.sys == ENOTDIR) {
		*ret = json_null();
		return true;
	}
	*err = failure;
	return false;
}

static bool remove_file(const char *path, struct ta_error *err)
{
	if (unlink(path) != 0 && errno != ENOENT)
		return ta_fail_errno(err, errno, "can't remove %s", path);
	return ta_folder_sync(path, err);
}

static bool write_action(const char *root, const json_t *action, const json_t *value,
			 struct ta_error *err)
{
	char path[4096];

	if (!path_of(root, action, path, sizeof(path), err))
		return false;
	if (json_is_null(value))
		return remove_file(path, err);
	return ta_folder_make(path, err) &&
	       ta_file_write_atomic(path, json_string_value(value), json_string_length(value),
				    err) &&
	       ta_folder_sync(path, err);
}

static bool same(const json_t *action, const json_t *a, const json_t *b)
{
	(void)action;
	return json_equal(a, b);
}

/* The folder goes with the file when it was made for it and holds nothing else. */
static void tidy(const char *root, const json_t *action)
{
	struct ta_error ignored = TA_ERROR_INIT;
	char path[4096], *slash;

	if (!path_of(root, action, path, sizeof(path), &ignored))
		return;
	ta_folder_sweep(path);
	slash = strrchr(path, '/');
	if (slash && json_is_true(json_object_get(action, "made_folder"))) {
		*slash = '\0';
		rmdir(path);
	}
}

const struct ta_action_kind ta_action_file = { "file", read_action, write_action, same, tidy };

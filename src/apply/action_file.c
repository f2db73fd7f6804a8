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
#include "snapshot/own_file.h"

enum { FILE_MAX = 1 << 20 };

/* Files of ours only: a record that was tampered with must not write others. */
static bool path_of(const char *root, const json_t *action, char *ret, size_t size,
		    struct ta_error *err)
{
	const char *path = ta_json_text(action, "path");

	if (strncmp(path, "/etc/", 5) != 0 || strstr(path, "/../") ||
	    !ta_text_ends_with(path, "/" TA_OWN_NAME))
		return ta_fail(err, TA_E_INPUT,
			       "a record has the file '%s': one in /etc called " TA_OWN_NAME
			       " was expected",
			       path);
	snprintf(ret, size, "%s%s", root, path);
	return true;
}

/* A link would be replaced by a file and not come back; and one to /dev/null is how an
 * administrator says that there is to be nothing. */
static bool check_plain(const char *path, bool *ret_exists, struct ta_error *err)
{
	struct stat st;

	*ret_exists = lstat(path, &st) == 0;
	if (!*ret_exists)
		return errno == ENOENT || errno == ENOTDIR ||
		       ta_fail_errno(err, errno, "can't look at %s", path);
	return S_ISREG(st.st_mode) || ta_fail(err, TA_E_INPUT, "%s is no plain file%s", path,
					      S_ISLNK(st.st_mode) ? ", but a link" : "");
}

/* The content; JSON null when there is no such file. */
static bool read_action(const char *root, const json_t *action, json_t **ret, struct ta_error *err)
{
	ta_auto(ta_buf_done) struct ta_buf text = TA_BUF_INIT(FILE_MAX);
	char path[4096];
	bool exists;

	if (!path_of(root, action, path, sizeof(path), err) || !check_plain(path, &exists, err) ||
	    (exists && !ta_file_read(AT_FDCWD, path, &text, err)))
		return false;
	if (!exists)
		*ret = json_null();
	else if (!memchr(ta_buf_cstr(&text), '\0', text.len))
		*ret = json_stringn(ta_buf_cstr(&text), text.len);
	return *ret || ta_fail(err, TA_E_INPUT, "%s is no text", path);
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

static bool takes(const json_t *action, const json_t *value)
{
	return *ta_json_text(action, "path") == '/' &&
	       (json_is_null(value) || json_is_string(value));
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

const struct ta_action_kind ta_action_file = {
	"file", read_action, write_action, same, takes, tidy
};

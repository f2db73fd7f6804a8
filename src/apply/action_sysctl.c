/* action_sysctl.c - a file below /proc/sys, of this network namespace or of another, which is
 * entered for it: /proc/sys/net shows the namespace of who opens a file (fs/proc/proc_sysctl.c,
 * v6.18). */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "apply/action.h"
#include "base/file.h"
#include "base/json.h"
#include "collect/sysctl_conf.h"
#include "snapshot/sysctl_key.h"

enum { VALUE_MAX = 1 << 20 };

/* ---- into the namespace and out ------------------------------------------------------ */

/* own_fd: the way back; -1 when the action is at home. */
struct visit {
	int own_fd;
};

/* Opens the file that keeps the namespace, or the link of a process that lives in it; -1 with errno
 * set, ESTALE for one that is another by now. */
static int open_namespace(const json_t *namespace_)
{
	const char *path = ta_json_text(namespace_, "path");
	const json_t *pid = json_object_get(namespace_, "pid");
	char link[64];
	struct stat st;
	int fd;

	snprintf(link, sizeof(link), "/proc/%" JSON_INTEGER_FORMAT "/ns/net",
		 json_integer_value(pid));
	if (!*path && !pid) {
		errno = ENOENT;
		return -1;
	}
	fd = open(*path ? path : link, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &st) != 0 ||
	    (json_int_t)st.st_ino == json_integer_value(json_object_get(namespace_, "inode")))
		return fd;
	close(fd);
	errno = ESTALE;
	return -1;
}

static bool is_gone(int error)
{
	return error == ENOENT || error == ESTALE || error == ESRCH;
}

/* *ret_gone: there is no such namespace any more. */
static bool enter(const json_t *action, struct visit *visit, bool *ret_gone, struct ta_error *err)
{
	const json_t *namespace_ = json_object_get(action, "namespace");
	ta_auto_close int fd = -1;
	int own;

	*ret_gone = false;
	visit->own_fd = -1;
	if (!namespace_)
		return true;
	fd = open_namespace(namespace_);
	if (fd < 0 && is_gone(errno)) {
		*ret_gone = true;
		return true;
	}
	own = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
	if (fd < 0 || own < 0 || setns(fd, CLONE_NEWNET) != 0) {
		ta_fail_errno(err, errno, "can't enter the network namespace %s",
			      ta_json_text(namespace_, "name"));
		ta_close_p(&own);
		return false;
	}
	visit->own_fd = own;
	return true;
}

static bool leave(struct visit *visit, struct ta_error *err)
{
	bool ok = visit->own_fd < 0 || setns(visit->own_fd, CLONE_NEWNET) == 0;

	if (!ok)
		ta_fail_errno(err, errno, "can't return to the own network namespace");
	ta_close_p(&visit->own_fd);
	return ok;
}

/* ---- the file ------------------------------------------------------------------------ */

static bool path_of(const char *root, const json_t *action, char *ret, size_t size,
		    struct ta_error *err)
{
	const char *key = ta_json_text(action, "key");
	char path[TA_SYSCTL_PATH_MAX];

	if (!ta_sysctl_path(key, strlen(key), path))
		return ta_fail(err, TA_E_INPUT, "'%s' is no name of a sysctl", key);
	snprintf(ret, size, "%s/proc/sys/%s", root, path);
	return true;
}

/* As sysctl -n prints it: one blank between numbers, no newline. */
static json_t *value_of(const struct ta_buf *text)
{
	ta_auto(ta_buf_done) struct ta_buf value = TA_BUF_INIT(VALUE_MAX);
	const char *bytes = ta_buf_cstr(text);

	for (size_t i = 0; i < text->len; i++)
		ta_buf_char(&value, bytes[i] == '\t' ? ' ' : bytes[i]);
	ta_buf_trim(&value, '\n');
	ta_buf_trim(&value, ' ');
	return ta_buf_ok(&value, NULL) ? json_string(ta_buf_cstr(&value)) : NULL;
}

static bool read_file(const char *path, json_t **ret, struct ta_error *err)
{
	ta_auto(ta_buf_done) struct ta_buf text = TA_BUF_INIT(VALUE_MAX);

	if (!ta_file_read(AT_FDCWD, path, &text, err))
		return false;
	*ret = value_of(&text);
	return *ret || ta_fail(err, TA_E_INPUT, "%s holds no text", path);
}

static bool read_sysctl(const char *root, const json_t *action, json_t **ret, struct ta_error *err)
{
	char path[4096];
	struct visit visit;
	bool gone, ok;

	if (!path_of(root, action, path, sizeof(path), err) || !enter(action, &visit, &gone, err))
		return false;
	ok = gone || read_file(path, ret, err);
	return leave(&visit, err) && ok;
}

/* In one write(2) the kernel takes a value whole or not at all; only of a list of ports that is
 * longer than a page it takes one page after the other (proc_do_large_bitmap(), kernel/sysctl.c,
 * v6.18). */
static bool write_file(const char *path, const char *value, struct ta_error *err)
{
	ta_auto_close int fd = open(path, O_WRONLY | O_CLOEXEC | O_NOCTTY | O_TRUNC);

	if (fd < 0)
		return ta_fail_errno(err, errno, "can't open %s", path);
	for (size_t left = strlen(value); left;) {
		ssize_t n = write(fd, value, left);

		if (n <= 0)
			return ta_fail_errno(err, n ? errno : EIO, "can't write '%.80s' to %s",
					     value, path);
		value += n;
		left -= (size_t)n;
	}
	return true;
}

static bool write_sysctl(const char *root, const json_t *action, const json_t *value,
			 struct ta_error *err)
{
	const char *text = json_string_value(value);
	char path[4096];
	struct visit visit;
	bool gone, ok;

	if (!text)
		return ta_fail(err, TA_E_INPUT, "a record has no value for %s",
			       ta_json_text(action, "key"));
	if (!path_of(root, action, path, sizeof(path), err) || !enter(action, &visit, &gone, err))
		return false;
	/* An empty list of ports is written as a newline: write(2) of nothing does nothing. */
	ok = gone ? ta_fail(err, TA_E_SYSTEM, "the network namespace is gone")
		  : write_file(path, *text ? text : "\n", err);
	return leave(&visit, err) && ok;
}

static bool same(const json_t *action, const json_t *a, const json_t *b)
{
	const char *key = ta_json_text(action, "key");
	const char *left = json_string_value(a), *right = json_string_value(b);
	char path[TA_SYSCTL_PATH_MAX];

	if (!left || !right || !ta_sysctl_path(key, strlen(key), path))
		return false;
	return strcmp(left, right) == 0 ||
	       ta_sysctl_compare(path, left, strlen(left), right, strlen(right)) == TA_SYSCTL_SAME;
}

static bool takes(const json_t *action, const json_t *value)
{
	return *ta_json_text(action, "key") && json_is_string(value);
}

const struct ta_action_kind ta_action_sysctl = {
	"sysctl", read_sysctl, write_sysctl, same, takes, NULL,
};

/* netns.c - see netns.h.
 *
 * What a file is bound to is read in /proc/self/mountinfo, where such a mount has the root
 * "net:[INODE]" (since 3.19): that finds those of ip netns, of Docker and of CNI, wherever they
 * are. A namespace that only a thread, a descriptor or another mount namespace holds is not found.
 *
 * Paths are those of other programs, so a file is opened with O_PATH, which does nothing to it, and
 * for good only when it is of the file system of namespaces. */
#include "collect/netns.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "base/array.h"
#include "base/file.h"
#include "base/language.h"
#include "base/number.h"
#include "base/text.h"

enum {
	MOUNTS_CAP = 4 << 20,
	FILES_EACH = 2, /* the way in, and a netlink socket */
	FILES_ELSE = 64,
	LISTED = 5, /* names in one gap */
};

static const char needs_right[] = "needs CAP_SYS_ADMIN";

/* ---- the set ---- */

static struct ta_netns *find_inode(const struct ta_netns_set *set, uint64_t inode)
{
	for (size_t i = 0; i < set->count; i++)
		if (set->rows[i].inode == inode)
			return &set->rows[i];
	return NULL;
}

/* The namespace of this inode, a new one perhaps; *ret is NULL when it is above the cap. False when
 * memory ran out. The inode 0 is one that is not known. */
static bool put(struct ta_netns_set *set, uint64_t inode, struct ta_netns **ret)
{
	size_t *index = ta_map_get(&set->by_inode, &inode);

	*ret = index ? &set->rows[*index] : NULL;
	if (index)
		return true;
	if (set->count == TA_NETNS_MAX)
		return ta_distinct_add(&set->beyond, &inode, sizeof(inode));
	index = ta_array_room(&set->rows, set->count, &set->size, sizeof(*set->rows))
			? ta_map_put(&set->by_inode, &inode, NULL)
			: NULL;
	if (!index)
		return false;
	*index = set->count++;
	*ret = &set->rows[*index];
	**ret = (struct ta_netns){ .inode = inode, .fd = -1, .failed = ENOENT };
	return true;
}

/* Two descriptors for each namespace may be more than we may have. */
static void raise_limit(struct ta_netns_set *set)
{
	struct rlimit more;

	if (getrlimit(RLIMIT_NOFILE, &set->files) != 0)
		return;
	more = set->files;
	more.rlim_cur = TA_NETNS_MAX * FILES_EACH + FILES_ELSE;
	if (more.rlim_cur > more.rlim_max)
		more.rlim_cur = more.rlim_max;
	set->raised = more.rlim_cur > set->files.rlim_cur && setrlimit(RLIMIT_NOFILE, &more) == 0;
}

void ta_netns_done(struct ta_netns_set *set)
{
	for (size_t i = 0; i < set->count; i++) {
		ta_close_p(&set->rows[i].fd);
		free(set->rows[i].path);
	}
	ta_close_p(&set->own_fd);
	if (set->raised)
		setrlimit(RLIMIT_NOFILE, &set->files);
	free(set->rows);
	ta_map_done(&set->by_inode);
	ta_distinct_done(&set->beyond);
	*set = TA_NETNS_SET_INIT;
}

/* ---- in and out ---- */

bool ta_netns_enter(struct ta_netns_set *set, struct ta_netns *netns)
{
	if (!netns || netns->own)
		return true;
	if (!netns->failed && setns(netns->fd, CLONE_NEWNET) != 0)
		netns->failed = errno;
	set->away = !netns->failed;
	return set->away;
}

bool ta_netns_leave(struct ta_netns_set *set, struct ta_error *err)
{
	if (set->away && setns(set->own_fd, CLONE_NEWNET) != 0)
		return ta_fail_errno(err, errno, "can't return to the own network namespace");
	set->away = false;
	return true;
}

/* ---- where they are seen ---- */

/* Whether an open descriptor is that of a namespace; its inode. Before 3.19 they were files of
 * proc. */
static bool is_namespace(int fd, uint64_t *ret_inode)
{
	struct statfs fs;
	struct stat file;

	if (fstatfs(fd, &fs) != 0 || fstat(fd, &file) != 0 || !S_ISREG(file.st_mode))
		return false;
	*ret_inode = file.st_ino;
	return fs.f_type == NSFS_MAGIC || fs.f_type == PROC_SUPER_MAGIC;
}

/* Opens a file that a namespace is bound to; returns 0 or an errno. */
static int open_bound(const struct ta_netns_set *set, const char *path, int *ret_fd,
		      uint64_t *ret_inode)
{
	ta_auto_close int handle = open(path, O_PATH | O_CLOEXEC);
	char again[32];

	if (handle < 0)
		return errno;
	if (!is_namespace(handle, ret_inode))
		return EINVAL;
	snprintf(again, sizeof(again), "self/fd/%d", handle);
	*ret_fd = openat(set->root->proc_fd, again, O_RDONLY | O_CLOEXEC);
	return *ret_fd < 0 ? errno : 0;
}

static int open_of_process(const struct ta_netns_set *set, const char *link, int *ret_fd,
			   uint64_t *ret_inode)
{
	*ret_fd = openat(set->root->proc_fd, link, O_RDONLY | O_CLOEXEC);
	if (*ret_fd < 0)
		return errno;
	return is_namespace(*ret_fd, ret_inode) ? 0 : EINVAL;
}

/* Opens a way into the namespace unless there is one, and a way back: path is that of a file it is
 * bound to, or else of the link of a process, below proc. By now that may be another namespace. */
static void open_way(const struct ta_netns_set *set, struct ta_netns *netns, const char *path)
{
	uint64_t inode = 0;
	int fd = -1;

	if (netns->own || netns->fd >= 0 || set->own_fd < 0)
		return;
	netns->failed = *path == '/' ? open_bound(set, path, &fd, &inode)
				     : open_of_process(set, path, &fd, &inode);
	if (!netns->failed && inode != netns->inode)
		netns->failed = ENOENT;
	if (netns->failed)
		ta_close_p(&fd);
	else
		netns->fd = fd;
}

bool ta_netns_is_named(const char *path)
{
	return strncmp(path, "/run/netns/", 11) == 0 || strncmp(path, "/var/run/netns/", 15) == 0;
}

/* Of several files the one that "ip netns" made says most. */
static bool note_path(const struct ta_netns_set *set, struct ta_netns *netns, const char *path)
{
	open_way(set, netns, path);
	if (netns->path && (ta_netns_is_named(netns->path) || !ta_netns_is_named(path)))
		return true;
	free(netns->path);
	netns->path = strdup(path);
	return netns->path;
}

struct process_scan {
	struct ta_netns_set *set;
	uint32_t self;
	bool failed; /* memory */
};

/* One that ended has none any more, and a zombie is one that ended. */
static bool note_process(void *ctx, uint32_t pid)
{
	struct process_scan *scan = ctx;
	struct ta_netns *netns;
	char link[32];
	uint64_t inode;

	snprintf(link, sizeof(link), "%u/ns/net", pid);
	if (!ta_root_link_number(scan->set->root, link, &inode)) {
		bool hidden = errno == EACCES || errno == EPERM;

		scan->set->seen += hidden;
		scan->set->hidden += hidden;
		return true;
	}
	scan->set->seen++;
	scan->failed = !put(scan->set, inode, &netns);
	if (!netns || pid == scan->self)
		return !scan->failed;
	open_way(scan->set, netns, link);
	netns->processes++;
	if (!netns->pid || pid < netns->pid)
		netns->pid = pid;
	return true;
}

static bool find_by_processes(struct ta_netns_set *set, struct ta_error *err)
{
	struct process_scan scan = { .set = set };
	char self[16];
	ssize_t len = readlinkat(set->root->proc_fd, "self", self, sizeof(self));
	uint64_t number;
	int failed;

	if (len > 0 && ta_parse_u64(self, (size_t)len, 10, &number) && number <= UINT32_MAX)
		scan.self = (uint32_t)number;
	failed = ta_root_each_process(set->root, note_process, &scan);
	if (failed)
		return ta_fail_errno(err, failed, "can't read proc");
	return scan.failed ? ta_fail(err, TA_E_NOMEM, "out of memory") : true;
}

/* The kernel writes blanks and backslashes in a path as \ooo. False when it does not fit. */
static bool unescape(const char *text, size_t len, char *ret, size_t size)
{
	uint64_t byte;
	size_t n = 0;

	for (size_t i = 0; i < len; n++) {
		bool escaped = text[i] == '\\' && len - i >= 4 &&
			       ta_parse_u64(text + i + 1, 3, 8, &byte) && byte && byte <= UINT8_MAX;

		if (n + 1 >= size)
			return false;
		ret[n] = escaped ? (char)byte : text[i];
		i += escaped ? 4 : 1;
	}
	ret[n] = '\0';
	return true;
}

/* "36 31 0:4 net:[4026532281] /run/netns/blue rw shared:5 - nsfs nsfs rw" */
static bool note_mount(struct ta_netns_set *set, const char *line, size_t len)
{
	enum { ROOT = 3 };
	char path[TA_NETNS_PATH_MAX];
	struct ta_netns *netns;
	const char *word = NULL;
	size_t word_len = 0;
	uint64_t inode;

	for (int i = 0; i <= ROOT; i++)
		if (!ta_next_word(&line, &len, &word, &word_len))
			return true;
	if (!ta_bracket_number(word, word_len, "net", &inode) ||
	    !ta_next_word(&line, &len, &word, &word_len) || *word != '/' ||
	    !unescape(word, word_len, path, sizeof(path)))
		return true;
	if (!put(set, inode, &netns))
		return false;
	return netns ? note_path(set, netns, path) : true;
}

/* Without the file no more is known of them than their processes tell. */
static bool find_by_mounts(struct ta_netns_set *set, struct ta_error *err)
{
	ta_auto(ta_buf_done) struct ta_buf buf = TA_BUF_INIT(MOUNTS_CAP);
	const char *text, *line;
	size_t left, len;

	if (ta_root_read(set->root, "self/mountinfo", &buf) != 0)
		return true;
	text = ta_buf_cstr(&buf);
	left = buf.len;
	while (ta_next_line(&text, &left, &line, &len))
		if (!note_mount(set, line, len))
			return ta_fail(err, TA_E_NOMEM, "out of memory");
	return true;
}

/* ---- our own, and the initial one ---- */

static bool find_own(struct ta_netns_set *set, const struct ta_kernel *kernel, struct ta_error *err)
{
	uint64_t inode = 0;
	struct ta_netns *own;

	if (!ta_root_link_number(set->root, "self/ns/net", &inode) && !set->root->live)
		ta_root_link_number(set->root, "1/ns/net", &inode);
	if (!put(set, inode, &own) || !own)
		return ta_fail(err, TA_E_NOMEM, "out of memory");
	own->own = true;
	own->failed = 0;
	own->first = ta_netns_is_first(set->root, kernel);
	return true;
}

/* When we are not in the initial one, some other is, perhaps: only inside that shows. */
static bool find_first(struct ta_netns_set *set, const struct ta_kernel *kernel,
		       struct ta_error *err)
{
	for (size_t i = 0; i < set->count; i++)
		if (set->rows[i].first)
			return true;
	for (size_t i = 0; i < set->count; i++) {
		struct ta_netns *netns = &set->rows[i];

		if (!ta_netns_enter(set, netns))
			continue;
		netns->first = ta_netns_is_first(set->root, kernel);
		if (!ta_netns_leave(set, err))
			return false;
		if (netns->first)
			return true;
	}
	return true;
}

/* ---- the ones that are wanted ---- */

static bool is_number(const char *which)
{
	return which[strspn(which, "0123456789")] == '\0';
}

/* The namespace of this inode, which need not be one of those that were found so far; or NULL with
 * *err. */
static struct ta_netns *put_wanted(struct ta_netns_set *set, uint64_t inode, const char *which,
				   struct ta_error *err)
{
	struct ta_netns *netns;

	if (!put(set, inode, &netns))
		ta_fail(err, TA_E_NOMEM, "out of memory");
	else if (!netns)
		ta_fail(err, TA_E_LIMIT, "%s: there are more network namespaces than %d", which,
			TA_NETNS_MAX);
	return netns;
}

static bool find_file(struct ta_netns_set *set, const char *path, uint64_t *ret_inode,
		      struct ta_error *err)
{
	struct ta_netns *netns;
	int fd = -1, failed = open_bound(set, path, &fd, ret_inode);

	ta_close_p(&fd);
	if (failed == EINVAL)
		return ta_fail(err, TA_E_INPUT, "%s is no network namespace", path);
	if (failed)
		return ta_fail_errno(err, failed, "can't open %s", path);
	netns = put_wanted(set, *ret_inode, path, err);
	if (!netns)
		return false;
	return note_path(set, netns, path) ? true : ta_fail(err, TA_E_NOMEM, "out of memory");
}

/* *ret_inode stays 0 where there is no such process. */
static bool find_process(struct ta_netns_set *set, const char *number, uint64_t *ret_inode,
			 struct ta_error *err)
{
	struct ta_netns *netns;
	char link[32];

	snprintf(link, sizeof(link), "%s/ns/net", number);
	if (!ta_root_link_number(set->root, link, ret_inode))
		return errno == ENOENT ? true
				       : ta_fail(err, TA_E_ACCESS,
						 "can't see the network namespace of process %s: "
						 "needs root or CAP_SYS_PTRACE",
						 number);
	netns = put_wanted(set, *ret_inode, number, err);
	if (netns)
		open_way(set, netns, link);
	return netns;
}

/* The namespace that was asked for by a number, a path or the name that "ip netns" gave it; 0 where
 * only the names that the set will have can tell. A number is that of a process first. */
static bool find_wanted(struct ta_netns_set *set, const char *which, uint64_t *ret_inode,
			struct ta_error *err)
{
	char path[TA_NETNS_PATH_MAX];

	*ret_inode = 0;
	if (strchr(which, '/'))
		return find_file(set, which, ret_inode, err);
	if (is_number(which) && !find_process(set, which, ret_inode, err))
		return false;
	snprintf(path, sizeof(path), "/run/netns/%s", which);
	if (*ret_inode || access(path, F_OK) != 0)
		return true;
	return find_file(set, path, ret_inode, err);
}

static bool no_such(const struct ta_netns_set *set, const char *which, struct ta_error *err)
{
	struct ta_nearest nearest;

	if (is_number(which))
		return ta_fail(err, TA_E_INPUT,
			       "there is no process %s, nor a network namespace of that name",
			       which);
	ta_nearest_start(&nearest, which, strlen(which));
	for (size_t i = 0; i < set->count; i++)
		ta_nearest_offer(&nearest, set->rows[i].name);
	if (ta_nearest_result(&nearest))
		return ta_fail(err, TA_E_INPUT,
			       "there is no network namespace '%s'; did you mean '%s'?", which,
			       ta_nearest_result(&nearest));
	return ta_fail(err, TA_E_INPUT, "there is no network namespace '%s' in sight", which);
}

static struct ta_netns *find_name(const struct ta_netns_set *set, const char *name)
{
	for (size_t i = 0; i < set->count; i++)
		if (strcmp(set->rows[i].name, name) == 0)
			return &set->rows[i];
	return NULL;
}

/* The one that was asked for must be one that can be entered. */
static bool choose_one(struct ta_netns_set *set, const char *which, uint64_t inode,
		       struct ta_error *err)
{
	struct ta_netns *netns = inode ? find_inode(set, inode) : find_name(set, which);

	if (!netns)
		return no_such(set, which, err);
	netns->chosen = true;
	if (ta_netns_enter(set, netns))
		return ta_netns_leave(set, err);
	if (netns->failed == EINVAL)
		return ta_fail(err, TA_E_INPUT, "%s is no network namespace", which);
	if (netns->failed == EPERM)
		return ta_fail(err, TA_E_ACCESS, "can't enter network namespace %s: %s",
			       netns->name, needs_right);
	return ta_fail_errno(err, netns->failed, "can't enter network namespace %s", netns->name);
}

static bool choose(struct ta_netns_set *set, const char *which, uint64_t inode,
		   struct ta_error *err)
{
	if (which && !set->all)
		return choose_one(set, which, inode, err);
	for (size_t i = 0; i < set->count; i++)
		set->rows[i].chosen = set->all || set->rows[i].own;
	return true;
}

bool ta_netns_find(struct ta_netns_set *set, const struct ta_root *root,
		   const struct ta_kernel *kernel, const char *which, struct ta_error *err)
{
	uint64_t inode = 0;

	*set = (struct ta_netns_set){ .root = root, .own_fd = -1 };
	ta_map_init(&set->by_inode, sizeof(uint64_t), sizeof(size_t), TA_NETNS_MAX);
	if (!find_own(set, kernel, err))
		return false;
	if (which) {
		set->searched = true;
		set->all = strcmp(which, "all") == 0;
		raise_limit(set);
		set->own_fd = openat(root->proc_fd, "self/ns/net", O_RDONLY | O_CLOEXEC);
		if (!find_by_mounts(set, err) || !find_by_processes(set, err) ||
		    (!set->all && !find_wanted(set, which, &inode, err)) ||
		    !find_first(set, kernel, err))
			return false;
	}
	return ta_netns_name_all(set, err) && choose(set, which, inode, err);
}

struct ta_netns *ta_netns_first(const struct ta_netns_set *set)
{
	for (size_t i = 0; i < set->count; i++)
		if (set->rows[i].first)
			return &set->rows[i];
	return NULL;
}

/* ---- gaps ---- */

/* "network namespaces a (pid 7), b (pid 9) and 3 more" */
static void build_entry_gap(const struct ta_netns_set *set, int failed, struct ta_builder *builder)
{
	ta_auto(ta_buf_done) struct ta_buf list = TA_BUF_INIT((TA_NETNS_NAME_MAX + 32) * LISTED);
	ta_auto(ta_buf_done) struct ta_buf what = TA_BUF_INIT(list.cap + 64);
	size_t count = 0;

	for (size_t i = 0; i < set->count; i++) {
		const struct ta_netns *netns = &set->rows[i];

		if (!netns->chosen || netns->failed != failed || ++count > LISTED)
			continue;
		ta_buf_printf(&list, "%s %s", count == 1 ? "" : ",", netns->name);
		if (netns->pid)
			ta_buf_printf(&list, " (pid %u)", netns->pid);
	}
	ta_buf_printf(&what, "network namespace%s%s", count == 1 ? "" : "s", ta_buf_cstr(&list));
	if (count > LISTED)
		ta_buf_printf(&what, " and %zu more", count - LISTED);
	ta_build_gap(builder, ta_buf_cstr(&what), failed == EPERM ? needs_right : strerror(failed),
		     "namespaces", NULL);
}

/* Whether an earlier one failed in the same way. */
static bool is_told(const struct ta_netns_set *set, size_t row)
{
	for (size_t i = 0; i < row; i++)
		if (set->rows[i].chosen && set->rows[i].failed == set->rows[row].failed)
			return true;
	return false;
}

static void build_unseen_gaps(const struct ta_netns_set *set, struct ta_builder *builder)
{
	char what[96], why[64];

	if (set->hidden) {
		snprintf(what, sizeof(what), "the network namespaces of %zu of %zu processes",
			 set->hidden, set->seen);
		ta_build_gap(builder, what,
			     geteuid() == 0
				     ? N_("refused even to root, by a container's limits or a "
					  "security module")
				     : N_("needs root or CAP_SYS_PTRACE"),
			     "namespaces", NULL);
	}
	if (set->beyond.count) {
		snprintf(what, sizeof(what), "%zu or more network namespaces", set->beyond.count);
		snprintf(why, sizeof(why), "above the first %d they are only counted",
			 TA_NETNS_MAX);
		ta_build_gap(builder, what, why, "namespaces", NULL);
	}
}

void ta_netns_build_gaps(const struct ta_netns_set *set, struct ta_builder *builder)
{
	for (size_t i = 0; i < set->count; i++)
		if (set->rows[i].chosen && set->rows[i].failed && !is_told(set, i))
			build_entry_gap(set, set->rows[i].failed, builder);
	if (set->all)
		build_unseen_gaps(set, builder);
}

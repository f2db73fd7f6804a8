/* pids.c - see pids.h. Paths come from the kernel but hold what others named; they are followed
 * only downwards from a mount of control groups. */
#include "collect/pids.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/language.h"
#include "base/number.h"

enum {
	FILE_CAP = 4096,
	PATH_BYTES = 1024,
	KEY_BYTES = 320,    /* longer paths are read each time */
	GROUPS_KEPT = 4096, /* and so are those of more groups */
	MAX_DEPTH = 64,
};

/* ---- one group ---- */

enum knowledge {
	UNLIMITED, /* or without the controller */
	LIMITED,
	GONE, /* no such group in sight */
	UNREADABLE,
};

struct group {
	enum knowledge known;
	int64_t current, max;
};

/* A number, or "max" as -1. */
static bool parse_limit(const struct ta_buf *buf, int64_t *ret)
{
	const char *at = ta_buf_cstr(buf), *word;
	size_t left = buf->len, len;

	if (!ta_next_word(&at, &left, &word, &len))
		return false;
	if (ta_slice_equals((struct ta_slice){ word, len }, "max")) {
		*ret = -1;
		return true;
	}
	return ta_parse_i64(word, len, ret) && *ret >= 0;
}

static int read_limit(const struct ta_root *root, const char *folder, const char *name,
		      int64_t *ret)
{
	ta_auto(ta_buf_done) struct ta_buf buf = TA_BUF_INIT(FILE_CAP);
	char path[PATH_BYTES + 16];
	int failed;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	failed = ta_root_read_any(root, path, &buf);
	if (failed)
		return failed;
	return parse_limit(&buf, ret) ? 0 : EINVAL;
}

static struct group read_group(const struct ta_root *root, const char *folder)
{
	struct group group = { .known = UNREADABLE };
	int failed = read_limit(root, folder, "pids.max", &group.max);

	/* the root of all groups has no such file, nor has one without the controller */
	if (failed == ENOENT || failed == ENOTDIR)
		group.known = ta_root_exists(root, folder) ? UNLIMITED : GONE;
	else if (!failed && group.max < 0)
		group.known = UNLIMITED;
	else if (!failed && read_limit(root, folder, "pids.current", &group.current) == 0 &&
		 group.current >= 0)
		group.known = LIMITED;
	return group;
}

/* The same groups are met again and again: those above the services. */
static struct group get_group(struct ta_pids *pids, const char *folder)
{
	char key[KEY_BYTES] = "";
	struct group *kept;
	bool is_new;

	if (strlen(folder) >= sizeof(key))
		return read_group(pids->root, folder);
	strcpy(key, folder);
	kept = ta_map_put(&pids->groups, key, &is_new);
	if (!kept)
		return read_group(pids->root, folder);
	if (is_new)
		*kept = read_group(pids->root, folder);
	return *kept;
}

/* ---- of a process ---- */

/* The process' group in the hierarchy that has the controller: on v1 and hybrid hosts the line that
 * lists pids, else that of the unified hierarchy, "0::/path". */
static const struct ta_cgroup_mount *find_group(const struct ta_pids *pids, struct ta_slice text,
						struct ta_slice *ret_path)
{
	const struct ta_cgroup_mount *mount = NULL;

	while (text.len) {
		struct ta_slice line = ta_slice_cut(&text, '\n'), number = ta_slice_cut(&line, ':'),
				controllers = ta_slice_cut(&line, ':');

		if (ta_cgroup_lists(controllers, "pids")) {
			*ret_path = line;
			return &pids->mounts.pids;
		}
		if (ta_slice_equals(number, "0") && !controllers.len) {
			*ret_path = line;
			mount = &pids->mounts.unified;
		}
	}
	return mount;
}

/* The folder of the group, "point/below/top"; false when it is not below what is mounted. */
static bool find_folder(const struct ta_cgroup_mount *mount, struct ta_slice path, char *ret,
			size_t size, size_t *ret_point_len)
{
	size_t top = strlen(mount->top);

	if (!mount->point[0] || !path.len || path.data[0] != '/' || ta_cgroup_goes_up(path) ||
	    memchr(path.data, '\0', path.len))
		return false;
	if (top > 1) { /* not "/" */
		if (path.len < top || memcmp(path.data, mount->top, top) != 0 ||
		    (path.len > top && path.data[top] != '/'))
			return false;
		path = (struct ta_slice){ path.data + top, path.len - top };
	}
	while (path.len && path.data[path.len - 1] == '/')
		path.len--;
	*ret_point_len = strlen(mount->point);
	return snprintf(ret, size, "%s%.*s", mount->point, (int)path.len, path.data) < (int)size;
}

/* From the group upwards; LIMITED: *ret is the one with the least room, the nearest of equals. */
static enum knowledge walk(struct ta_pids *pids, char *folder, size_t point_len, struct group *ret)
{
	enum knowledge known = UNLIMITED;

	for (int depth = 0; depth < MAX_DEPTH; depth++) {
		struct group group = get_group(pids, folder);

		if (group.known == UNREADABLE || group.known == GONE)
			return group.known;
		if (group.known == LIMITED &&
		    (known != LIMITED || group.max - group.current < ret->max - ret->current)) {
			*ret = group;
			known = LIMITED;
		}
		if (strlen(folder) <= point_len)
			return known;
		*strrchr(folder, '/') = '\0';
	}
	return UNREADABLE;
}

void ta_pids_build(struct ta_pids *pids, const char *text, size_t len, struct ta_builder *builder,
		   json_t *row)
{
	const struct ta_cgroup_mount *mount;
	char folder[PATH_BYTES];
	struct group group = { .known = UNLIMITED };
	struct ta_slice path = { "", 0 };
	enum knowledge known = UNREADABLE;
	size_t point_len;

	mount = find_group(pids, (struct ta_slice){ text, len }, &path);
	if (!mount)
		return; /* it is in no control group */
	if (find_folder(mount, path, folder, sizeof(folder), &point_len))
		known = walk(pids, folder, point_len, &group);
	pids->unreadable += known == UNREADABLE || known == GONE;
	if (known != LIMITED)
		return;
	ta_build_int(builder, row, "pids_current", group.current);
	ta_build_int(builder, row, "pids_max", group.max);
}

/* ---- all of it ---- */

/* Of a real root there is neither file (CFTYPE_NOT_ON_ROOT in kernel/cgroup). */
static bool has_more_above(const struct ta_root *root, const struct ta_cgroup_mount *mount)
{
	static const char *const files[] = { "pids.max", "cgroup.events" };
	char path[sizeof(mount->point) + 16];

	if (!mount->point[0])
		return false;
	for (size_t i = 0; i < TA_ARRAY_SIZE(files); i++) {
		snprintf(path, sizeof(path), "%s/%s", mount->point, files[i]);
		if (ta_root_exists(root, path))
			return true;
	}
	return strcmp(mount->top, "/") != 0;
}

void ta_pids_open(struct ta_pids *pids, const struct ta_root *root)
{
	const struct ta_cgroup_mounts *mounts = &pids->mounts;

	*pids = (struct ta_pids){ .root = root };
	ta_map_init(&pids->groups, KEY_BYTES, sizeof(struct group), GROUPS_KEPT);
	ta_cgroup_mounts_read(root, &pids->mounts);
	pids->hidden =
		has_more_above(root, mounts->pids.point[0] ? &mounts->pids : &mounts->unified);
}

void ta_pids_done(struct ta_pids *pids)
{
	ta_map_done(&pids->groups);
}

void ta_pids_build_gaps(const struct ta_pids *pids, struct ta_builder *builder)
{
	char what[96];

	if (pids->unreadable) {
		snprintf(what, sizeof(what), "task limits of the control groups of %zu processes",
			 pids->unreadable);
		ta_build_gap(builder, what,
			     N_("the control group file systems in sight do not show these groups"),
			     "processes[].pids_max", "processes[].pids_current", NULL);
	}
	if (pids->hidden)
		ta_build_gap(builder, N_("task limits of control groups further up"),
			     N_("a control group namespace hides them, as in a container"),
			     "processes[].pids_max", "processes[].pids_current", NULL);
}

/* cgroup_mount.c - see cgroup_mount.h. */
#include "collect/cgroup_mount.h"

#include <string.h>

#include "base/number.h"

enum { MOUNTS_CAP = 4 << 20 };

bool ta_cgroup_lists(struct ta_slice list, const char *word)
{
	while (list.len)
		if (ta_slice_equals(ta_slice_cut(&list, ','), word))
			return true;
	return false;
}

bool ta_cgroup_goes_up(struct ta_slice path)
{
	while (path.len)
		if (ta_slice_equals(ta_slice_cut(&path, '/'), ".."))
			return true;
	return false;
}

static bool copy(struct ta_slice from, char *to, size_t size)
{
	if (from.len >= size || memchr(from.data, '\\', from.len))
		return false; /* blanks and the like are written as \040: not where groups are */
	memcpy(to, from.data, from.len);
	to[from.len] = '\0';
	return true;
}

/* The mount that shows most is taken: the one whose top is "/". */
static void take_mount(struct ta_cgroup_mount *mount, struct ta_slice top, struct ta_slice point)
{
	struct ta_cgroup_mount found;

	if (mount->point[0] && (strcmp(mount->top, "/") == 0 || !ta_slice_equals(top, "/")))
		return;
	if (ta_cgroup_goes_up(top) || ta_cgroup_goes_up(point) || point.len < 2 ||
	    point.data[0] != '/')
		return;
	point = ta_slice(point.data + 1, point.len - 1);
	if (copy(top, found.top, sizeof(found.top)) &&
	    copy(point, found.point, sizeof(found.point)))
		*mount = found;
}

/* "36 31 0:28 /top /point rw - cgroup cgroup rw,pids": five fields, options, any number of optional
 * ones up to the dash, type, source, options of the file system. */
static void parse_mount(struct ta_slice line, struct ta_cgroup_mounts *ret)
{
	struct ta_slice top, point, type;

	for (int i = 0; i < 3; i++)
		ta_slice_cut(&line, ' ');
	top = ta_slice_cut(&line, ' ');
	point = ta_slice_cut(&line, ' ');
	while (line.len && !ta_slice_equals(ta_slice_cut(&line, ' '), "-"))
		;
	type = ta_slice_cut(&line, ' ');
	ta_slice_cut(&line, ' '); /* source */
	if (ta_slice_equals(type, "cgroup2"))
		take_mount(&ret->unified, top, point);
	else if (ta_slice_equals(type, "cgroup") && ta_cgroup_lists(line, "pids"))
		take_mount(&ret->pids, top, point);
}

void ta_cgroup_mounts_parse(const char *text, size_t len, struct ta_cgroup_mounts *ret)
{
	struct ta_slice line;

	*ret = (struct ta_cgroup_mounts){ .pids = { "", "" } };
	while (ta_next_line(&text, &len, &line.data, &line.len))
		parse_mount(line, ret);
}

void ta_cgroup_mounts_read(const struct ta_root *root, struct ta_cgroup_mounts *ret)
{
	ta_auto(ta_buf_done) struct ta_buf buf = TA_BUF_INIT(MOUNTS_CAP);

	*ret = (struct ta_cgroup_mounts){ .pids = { "", "" } };
	if (ta_root_read(root, "self/mountinfo", &buf) == 0)
		ta_cgroup_mounts_parse(ta_buf_cstr(&buf), buf.len, ret);
}

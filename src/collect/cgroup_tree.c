/* cgroup_tree.c - see cgroup_tree.h. Names of groups are chosen by others: they are followed only
 * downwards from the mount, over no link and into no other file system. */
#include "collect/cgroup_tree.h"

#include <dirent.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "collect/cgroup_mount.h"

enum { PATHS_CAP = 4 << 20, PATH_BYTES = 1024 };

struct walk {
	struct ta_cgroup_tree *tree;
	dev_t device;
	char path[PATH_BYTES]; /* of the group at hand; "" at the very top */
	size_t len;
};

void ta_cgroup_tree_init(struct ta_cgroup_tree *tree, const struct ta_root *root)
{
	*tree = (struct ta_cgroup_tree){ .root = root, .paths = TA_BUF_INIT(PATHS_CAP) };
	ta_map_init(&tree->offsets, sizeof(uint64_t), sizeof(uint32_t), TA_CGROUP_TREE_GROUPS);
}

void ta_cgroup_tree_done(struct ta_cgroup_tree *tree)
{
	ta_map_done(&tree->offsets);
	ta_buf_done(&tree->paths);
}

/* Notes the group at hand; false when that was one too many. */
static bool keep(struct walk *walk, uint64_t id)
{
	struct ta_cgroup_tree *tree = walk->tree;
	const char *path = walk->len ? walk->path : "/";
	size_t len = strlen(path) + 1;
	uint32_t *offset;

	if (tree->offsets.count == tree->offsets.limit || tree->paths.len + len >= PATHS_CAP) {
		tree->cut = true;
		return false;
	}
	offset = ta_map_put(&tree->offsets, &id, NULL);
	if (offset)
		*offset = (uint32_t)tree->paths.len;
	ta_buf_add(&tree->paths, path, len);
	tree->failed = !offset || tree->paths.failed != TA_OK;
	return !tree->failed;
}

/* Steps down to a name; false when it leads too far. */
static bool enter(struct walk *walk, const char *name)
{
	size_t len = strlen(name);

	if (walk->len + 1 + len >= sizeof(walk->path)) {
		walk->tree->cut = true;
		return false;
	}
	walk->path[walk->len] = '/';
	memcpy(walk->path + walk->len + 1, name, len + 1);
	walk->len += 1 + len;
	return true;
}

static void leave(struct walk *walk, size_t len)
{
	walk->len = len;
	walk->path[len] = '\0';
}

static bool may_be_below(const struct dirent *entry)
{
	return (entry->d_type == DT_DIR || entry->d_type == DT_UNKNOWN) &&
	       strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
}

static bool visit(struct walk *walk, int above_fd, const char *name, int depth);

/* The groups in a directory, whose descriptor it closes; false when enough was seen. One that was
 * removed meanwhile has none. */
static bool visit_below(struct walk *walk, int fd, int depth)
{
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	const struct dirent *entry;
	size_t len = walk->len;
	bool more = true;

	if (!dir) {
		ta_close_p(&fd);
		return true;
	}
	while (more && (entry = readdir(dir))) {
		if (!may_be_below(entry) || !enter(walk, entry->d_name))
			continue;
		more = visit(walk, dirfd(dir), entry->d_name, depth);
		leave(walk, len);
	}
	closedir(dir);
	return more;
}

/* The group of that name and all below. A directory with two links, from above and from itself, has
 * no other in it, and most groups are such: they are not opened. */
static bool visit(struct walk *walk, int above_fd, const char *name, int depth)
{
	struct stat st;

	if (fstatat(above_fd, name, &st, AT_SYMLINK_NOFOLLOW) != 0 || !S_ISDIR(st.st_mode) ||
	    st.st_dev != walk->device)
		return true;
	if (!keep(walk, st.st_ino))
		return false;
	if (st.st_nlink == 2)
		return true;
	if (depth == TA_CGROUP_TREE_DEPTH) {
		walk->tree->cut = true;
		return true;
	}
	return visit_below(walk,
			   openat(above_fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC),
			   depth + 1);
}

static void walk_all(struct ta_cgroup_tree *tree)
{
	struct ta_cgroup_mounts mounts;
	struct walk walk = { .tree = tree };
	const char *top;
	struct stat st;
	int fd;

	ta_cgroup_mounts_read(tree->root, &mounts);
	if (!mounts.unified.point[0])
		return;
	top = mounts.unified.top;
	fd = openat(tree->root->fd, mounts.unified.point, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	tree->mounted = fd >= 0 && fstat(fd, &st) == 0;
	if (!tree->mounted || (strlen(top) > 1 && !enter(&walk, top + 1))) {
		ta_close_p(&fd);
		return;
	}
	walk.device = st.st_dev;
	if (keep(&walk, st.st_ino))
		visit_below(&walk, fd, 1);
	else
		ta_close_p(&fd);
}

const char *ta_cgroup_tree_path(struct ta_cgroup_tree *tree, uint64_t id)
{
	const uint32_t *offset;

	if (!tree->walked)
		walk_all(tree);
	tree->walked = true;
	offset = ta_map_get(&tree->offsets, &id);
	return offset && !tree->failed ? ta_buf_cstr(&tree->paths) + *offset : NULL;
}

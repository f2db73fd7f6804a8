/* directory.c - see directory.h.
 *
 * An unpacked report is as hostile as a packed one: each step down is an openat() of one name that
 * follows no link, so that nothing can lead out, and what is no plain file is not opened: a pipe
 * would wait for its writer, a device do what devices do. */
#include "import/directory.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/array.h"
#include "base/dir.h"
#include "base/file.h"
#include "import/path.h"

struct walk {
	struct ta_walk *reading;
	struct ta_buf name; /* of where it stands: "dir/sosreport-x/proc/net" */
	size_t top;         /* where in it paths begin */
	unsigned depth;     /* of folders below the first */
	bool alone;         /* whether the entry is the only one of the first folder */
};

/* ---- the names in a folder ---- */

struct names {
	char **items;
	size_t count, room;
};

static void names_done(struct names *names)
{
	for (size_t i = 0; i < names->count; i++)
		free(names->items[i]);
	free(names->items);
}

static int by_bytes(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static int add_name(struct names *names, const char *name)
{
	char *copy;

	if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
		return 0;
	if (!ta_array_room(&names->items, names->count, &names->room, sizeof(*names->items)))
		return ENOMEM;
	copy = strdup(name);
	if (!copy)
		return ENOMEM;
	names->items[names->count++] = copy;
	return 0;
}

/* At most max + 1 of them, sorted; returns 0 or errno. */
static int list_names(int fd, uint64_t max, struct names *ret)
{
	DIR *dir = ta_dir_open(fd, ".");
	const struct dirent *entry;
	int failed = 0;

	if (!dir)
		return errno;
	while (!failed && ret->count <= max && (errno = 0, entry = readdir(dir)))
		failed = add_name(ret, entry->d_name);
	failed = failed ? failed : errno;
	closedir(dir);
	if (ret->count)
		qsort(ret->items, ret->count, sizeof(*ret->items), by_bytes);
	return failed;
}

/* ---- one entry ---- */

static struct ta_place place_of(const struct walk *walk)
{
	return (struct ta_place){
		.name = ta_buf_cstr(&walk->name),
		.path = ta_buf_cstr(&walk->name) + walk->top,
		.depth = 1,
	};
}

static void skip(const struct walk *walk, const char *why)
{
	ta_walk_skip(walk->reading, ta_buf_cstr(&walk->name), why);
}

/* It may have become something else since it was looked at. */
static bool offer_plain(struct walk *walk, int dir_fd, const char *entry)
{
	ta_auto_close int fd =
		openat(dir_fd, entry, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
	const struct ta_place place = place_of(walk);
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0)
		skip(walk, strerror(errno));
	else if (!S_ISREG(st.st_mode))
		skip(walk, "it is no plain file");
	else
		return ta_walk_offer_file(walk->reading, &place, fd);
	return true;
}

static bool read_folder(struct walk *walk, int fd);

static bool enter(struct walk *walk, int dir_fd, const char *entry)
{
	ta_auto_close int fd =
		openat(dir_fd, entry, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	bool more = true;

	if (walk->alone && !ta_path_is_root(entry, strlen(entry)))
		walk->top = walk->name.len + 1; /* the one folder that all else is in */
	walk->alone = false;
	if (fd < 0) {
		skip(walk, strerror(errno));
	} else if (walk->depth == TA_PATH_DEPTH) {
		skip(walk, "it is too deep");
	} else {
		walk->depth++;
		more = read_folder(walk, fd);
		walk->depth--;
	}
	return more;
}

static bool take(struct walk *walk, int dir_fd, const char *entry)
{
	struct stat st;

	if (fstatat(dir_fd, entry, &st, AT_SYMLINK_NOFOLLOW) < 0) {
		skip(walk, strerror(errno));
		return true;
	}
	if (S_ISDIR(st.st_mode))
		return enter(walk, dir_fd, entry);
	if (!ta_walk_wants(walk->reading, place_of(walk).path))
		return true;
	if (S_ISREG(st.st_mode))
		return offer_plain(walk, dir_fd, entry);
	skip(walk, S_ISLNK(st.st_mode) ? "it is a link" : "it is no plain file");
	return true;
}

/* ---- a folder ---- */

/* Takes an entry with its name behind the folder's; afterwards the folder's stands again. */
static bool take_named(struct walk *walk, int dir_fd, const char *entry)
{
	const size_t before = walk->name.len;
	const char *why;
	bool more = true;

	ta_buf_char(&walk->name, '/');
	why = ta_path_clean(entry, &walk->name);
	if (!ta_buf_ok(&walk->name, NULL))
		why = "its path is too long";
	if (why)
		skip(walk, why);
	else
		more = take(walk, dir_fd, entry);
	ta_buf_cut(&walk->name, before);
	return more;
}

static bool read_folder(struct walk *walk, int fd)
{
	struct ta_walk *reading = walk->reading;
	ta_auto(names_done) struct names names = { .items = NULL };
	int failed = list_names(fd, reading->bounds.members - reading->members, &names);
	bool more = true;

	if (failed)
		skip(walk, strerror(failed));
	walk->alone = walk->depth == 0 && names.count == 1;
	for (size_t i = 0; more && i < names.count; i++)
		more = ta_walk_count(reading, ta_buf_cstr(&walk->name)) &&
		       take_named(walk, fd, names.items[i]);
	return more;
}

void ta_directory_read(struct ta_walk *reading, const char *name, int fd)
{
	struct walk walk = { .reading = reading };

	walk.name = TA_BUF_INIT(strlen(name) + 4 * TA_PATH_MAX);
	ta_buf_str(&walk.name, name);
	ta_buf_trim(&walk.name, '/');
	walk.top = walk.name.len + 1;
	reading->failed = !ta_buf_ok(&walk.name, reading->err);
	if (!reading->failed)
		read_folder(&walk, fd);
	ta_buf_done(&walk.name);
}

/* setting_runtime.c - the lines that win, held against what the kernel has now.
 *
 * A key that has no file under /proc/sys is dead where the kernel can't have it. Elsewhere its
 * module may not be loaded, its interface be away, or the network namespace not show it. */
#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/dir.h"
#include "base/file.h"
#include "base/json.h"
#include "base/language.h"
#include "base/number.h"
#include "collect/setting.h"
#include "collect/sysctl_conf.h"
#include "snapshot/release.h"
#include "snapshot/tunables.h"

enum {
	FILE_CAP = 1 << 20,
	RUNTIME_MAX = 4096,  /* of a value in the document */
	MATCHES_MAX = 2000,  /* files of all wildcards together */
	ENTRIES_MAX = 20000, /* and folder entries that were held against them */
};

struct holding {
	const struct ta_settings *settings;
	const struct ta_root *root;
	const struct ta_settings_reach *reach;
	struct ta_builder *builder;
	struct ta_buf buf;
	size_t matches, entries, refused, unreached;
	bool cut;
};

static bool starts_with(const char *text, const char *prefix)
{
	return strncmp(text, prefix, strlen(prefix)) == 0;
}

/* Whether there is such a file or folder under /proc/sys: the first len bytes of the path. */
static bool is_there(const struct holding *holding, const char *path, size_t len)
{
	char full[TA_SYSCTL_PATH_MAX + 16];

	snprintf(full, sizeof(full), "proc/sys/%.*s", (int)len, path);
	return ta_root_exists(holding->root, full);
}

/* The length of the first n components. */
static size_t components(const char *path, int n)
{
	size_t len = 0;

	while (n-- > 0 && path[len])
		len += strcspn(path + len, "/") + (n > 0 && strchr(path + len, '/'));
	return len;
}

/* ---- which keys these files can set here ---- */

/* Inside a namespace of its own a reader can set what is the namespace's. */
static bool is_in_reach(const struct holding *holding, const char *path)
{
	const struct ta_settings_reach *reach = holding->reach;
	const struct ta_tunable *tunable;

	if (!starts_with(path, "net/"))
		return reach->host;
	if (!reach->netns)
		return false;
	if (reach->first)
		return reach->host;
	tunable = ta_tunable_find(path);
	return tunable && tunable->scope == TA_TUNABLE_NETNS;
}

/* ---- keys without a file ---- */

/* What the catalogue knows: the kernel has dropped the key, or is too old for it. */
static bool is_of_another_kernel(const struct holding *holding, const char *path)
{
	const struct ta_tunable *tunable = ta_tunable_find(
		starts_with(path, "net/ipv4/netfilter/ip_conntrack")
			? "net.ipv4.netfilter.ip_conntrack_max" /* they went together */
			: path);
	const json_t *facts = tunable ? ta_tunable_facts(tunable, NULL) : NULL;
	const char *added = ta_json_string(facts, "added_in");
	const char *removed = ta_json_string(facts, "removed_in");
	uint32_t kernel = holding->reach->kernel;

	return (removed && ta_release_reached(kernel, removed) == TA_REACHED_YES) ||
	       (added && ta_release_reached(kernel, added) == TA_REACHED_NO);
}

/* net/ipv4/conf/eth0/..., net/ipv6/neigh/eth0/... */
static bool is_of_absent_interface(const struct holding *holding, const char *path)
{
	bool of_interface = fnmatch("net/ipv[46]/conf/*", path, 0) == 0 ||
			    fnmatch("net/ipv[46]/neigh/*", path, 0) == 0;

	return of_interface && !is_there(holding, path, components(path, 4));
}

static bool is_of_absent_module(const struct holding *holding, const char *path)
{
	static const char conntrack[] = "net/netfilter/nf_conntrack_count";

	if (!is_there(holding, path, components(path, 2)) &&
	    (strchr(path + 4, '/') || strcmp(path, "net/nf_conntrack_max") == 0))
		return true;
	if (starts_with(path, "net/netfilter/nf_conntrack"))
		return !is_there(holding, conntrack, strlen(conntrack));
	return starts_with(path, "net/ipv4/vs/") && !is_there(holding, path, components(path, 3));
}

/* Whose files the kernel itself makes, all of them at boot. */
static bool is_complete_folder(const char *path)
{
	static const char *const folders[] = { "net/core/[!/]*",        "net/ipv4/[!/]*",
					       "net/ipv6/[!/]*",        "net/ipv4/conf/*/[!/]*",
					       "net/ipv6/conf/*/[!/]*", "net/ipv4/neigh/*/[!/]*",
					       "net/ipv6/neigh/*/[!/]*" };

	for (size_t i = 0; i < TA_ARRAY_SIZE(folders); i++)
		if (fnmatch(folders[i], path, FNM_PATHNAME) == 0)
			return true;
	return !starts_with(path, "net/");
}

static void build_absent(struct holding *holding, const char *path, json_t *row)
{
	struct ta_builder *builder = holding->builder;

	if (is_of_another_kernel(holding, path))
		ta_build_bool(builder, row, "dead", true);
	else if (!is_there(holding, path, components(path, 1)))
		return; /* nothing of /proc/sys is to be seen */
	else if (!starts_with(path, "net/"))
		ta_build_bool(builder, row, "dead", true);
	else if (is_of_absent_module(holding, path))
		ta_build_text(builder, row, "missing", "module");
	else if (is_of_absent_interface(holding, path))
		ta_build_text(builder, row, "missing", "interface");
	else if (!holding->reach->first)
		ta_build_text(builder, row, "missing", "namespace");
	else if (is_complete_folder(path))
		ta_build_bool(builder, row, "dead", true);
}

/* ---- keys with a file ---- */

/* 0 or an errno: EISDIR, too, for what can only be written. */
static int read_runtime(struct holding *holding, const char *path)
{
	char full[TA_SYSCTL_PATH_MAX + 16];
	struct stat st;
	int failed;

	snprintf(full, sizeof(full), "sys/%s", path);
	if (fstatat(holding->root->proc_fd, full, &st, 0) < 0)
		return errno;
	if (!S_ISREG(st.st_mode) || !(st.st_mode & 0444))
		return EISDIR;
	failed = ta_root_read(holding->root, full, &holding->buf);
	if (failed == EACCES || failed == EPERM)
		holding->refused++;
	return failed;
}

static void build_runtime(struct holding *holding, json_t *row)
{
	ta_auto(ta_buf_done) struct ta_buf text = TA_BUF_INIT(RUNTIME_MAX);
	const char *at = ta_buf_cstr(&holding->buf), *word;
	size_t left = holding->buf.len, len;

	while (ta_next_word(&at, &left, &word, &len)) {
		ta_buf_str(&text, text.len ? " " : "");
		ta_buf_add(&text, word, len);
	}
	if (ta_buf_ok(&text, NULL))
		ta_build_text(holding->builder, row, "runtime", ta_buf_cstr(&text));
}

static void build_order(struct holding *holding, enum ta_sysctl_order order, json_t *row)
{
	static const char *const words[] = { [TA_SYSCTL_LOWER] = "lower",
					     [TA_SYSCTL_HIGHER] = "higher",
					     [TA_SYSCTL_OTHER] = "other" };

	if (order == TA_SYSCTL_UNKNOWN)
		return;
	ta_build_bool(holding->builder, row, "differs", order != TA_SYSCTL_SAME);
	if (order != TA_SYSCTL_SAME)
		ta_build_text(holding->builder, row, "change", words[order]);
}

static enum ta_sysctl_order compare(const struct holding *holding, const char *path,
				    const char *value)
{
	return ta_sysctl_compare(path, value, strlen(value), ta_buf_cstr(&holding->buf),
				 holding->buf.len);
}

static void hold_key(struct holding *holding, const struct ta_setting *setting, json_t *row)
{
	int failed = read_runtime(holding, setting->path);

	if (failed == ENOENT || failed == ENOTDIR) {
		build_absent(holding, setting->path, row);
		return;
	}
	ta_build_bool(holding->builder, row, "dead", false);
	if (failed || !json_object_get(row, "value")) /* a secret is not read aloud */
		return;
	build_runtime(holding, row);
	build_order(holding, compare(holding, setting->path, setting->value), row);
}

/* ---- keys with wildcards ---- */

/* What a wildcard leaves alone: keys that are set by name, or excluded, or left to a later one. */
static bool is_for_another(const struct holding *holding, const struct ta_setting *glob,
			   const char *path)
{
	for (size_t i = 0; i < holding->settings->count; i++) {
		const struct ta_setting *line = holding->settings->items[i];

		if (line->fate != TA_SETTING_WINS || line == glob)
			continue;
		if (strcmp(line->path, path) == 0)
			return true;
		if (line->glob &&
		    (line->value ? line->sequence > glob->sequence : holding->reach->globs_omit) &&
		    fnmatch(line->path, path, FNM_PATHNAME | FNM_PERIOD) == 0)
			return true;
	}
	return false;
}

struct walk {
	struct holding *holding;
	const struct ta_setting *glob;
	json_t *row;
	size_t set; /* files that the line sets */
	bool differs;
};

static void hold_match(struct walk *walk, const char *path)
{
	struct holding *holding = walk->holding;
	enum ta_sysctl_order order;
	char key[TA_SYSCTL_PATH_MAX];

	if (holding->matches == MATCHES_MAX) {
		holding->cut = true;
		return;
	}
	holding->matches++;
	if (!is_in_reach(holding, path) || is_for_another(holding, walk->glob, path))
		return;
	walk->set++;
	if (walk->differs || read_runtime(holding, path) != 0)
		return;
	order = compare(holding, path, walk->glob->value);
	if (order == TA_SYSCTL_SAME || order == TA_SYSCTL_UNKNOWN)
		return;
	walk->differs = true;
	ta_sysctl_key(path, key, sizeof(key));
	ta_build_text(holding->builder, walk->row, "runtime_key", key);
	build_runtime(holding, walk->row);
	build_order(holding, order, walk->row);
}

static void walk_folder(struct walk *walk, const char *done, const char *pattern);

/* Goes on below "done/name". */
static void walk_on(struct walk *walk, const char *done, const char *name, const char *rest)
{
	char path[TA_SYSCTL_PATH_MAX], full[TA_SYSCTL_PATH_MAX + 16];
	struct stat st;

	if (snprintf(path, sizeof(path), "%s%s%s", done, *done ? "/" : "", name) >=
	    (int)sizeof(path))
		return;
	if (*rest) {
		walk_folder(walk, path, rest);
		return;
	}
	snprintf(full, sizeof(full), "sys/%s", path);
	if (fstatat(walk->holding->root->proc_fd, full, &st, 0) == 0 && S_ISREG(st.st_mode))
		hold_match(walk, path);
}

static void walk_entries(struct walk *walk, DIR *dir, const char *done, const char *component,
			 const char *rest)
{
	const struct dirent *entry;

	while ((entry = readdir(dir))) {
		if (walk->holding->entries == ENTRIES_MAX) {
			walk->holding->cut = true;
			return;
		}
		walk->holding->entries++;
		if (fnmatch(component, entry->d_name, FNM_PERIOD) == 0)
			walk_on(walk, done, entry->d_name, rest);
	}
}

/* The pattern is cut at its slashes: each part matches names in one folder. */
static void walk_folder(struct walk *walk, const char *done, const char *pattern)
{
	size_t len = strcspn(pattern, "/");
	const char *rest = pattern + len + (pattern[len] == '/');
	char component[TA_SYSCTL_PATH_MAX], full[TA_SYSCTL_PATH_MAX + 16];
	DIR *dir;

	memcpy(component, pattern, len);
	component[len] = '\0';
	if (!strpbrk(component, "*?[")) {
		walk_on(walk, done, component, rest);
		return;
	}
	snprintf(full, sizeof(full), "sys/%s", done);
	dir = ta_dir_open(walk->holding->root->proc_fd, full);
	if (!dir)
		return;
	walk_entries(walk, dir, done, component, rest);
	closedir(dir);
}

static void hold_glob(struct holding *holding, const struct ta_setting *setting, json_t *row)
{
	struct walk walk = { .holding = holding, .glob = setting, .row = row };

	walk_folder(&walk, "", setting->path);
	ta_build_uint(holding->builder, row, "matches", walk.set);
	if (walk.set && !walk.differs && !holding->cut)
		ta_build_bool(holding->builder, row, "differs", false);
}

/* ---- all ---- */

/* Keys that are not set here: a kernel that can't have them has them nowhere. */
static void pass_over(struct holding *holding, const struct ta_setting *setting, json_t *row)
{
	if (is_of_another_kernel(holding, setting->path))
		ta_build_bool(holding->builder, row, "dead", true);
	else
		holding->unreached++;
}

static void build_gaps(const struct holding *holding)
{
	char what[80];

	if (holding->unreached) {
		snprintf(what, sizeof(what), "values in force of %zu lines of sysctl.d",
			 holding->unreached);
		ta_build_gap(holding->builder, what,
			     N_("they are not, or perhaps not, for this namespace"),
			     "settings[].runtime", "settings[].differs", NULL);
	}

	if (holding->cut)
		ta_build_gap(holding->builder, N_("keys with wildcards in sysctl.d"),
			     N_("they match too many files"), "settings[].differs", NULL);
	if (!holding->refused)
		return;
	snprintf(what, sizeof(what), "values in force of %zu lines of sysctl.d", holding->refused);
	ta_build_gap(holding->builder, what, N_("they may not be read"), "settings[].runtime",
		     "settings[].differs", NULL);
}

void ta_settings_hold(const struct ta_settings *settings, const struct ta_root *root,
		      const struct ta_settings_reach *reach, struct ta_builder *builder,
		      json_t **rows)
{
	struct holding holding = {
		.settings = settings,
		.root = root,
		.reach = reach,
		.builder = builder,
		.buf = TA_BUF_INIT(FILE_CAP),
	};

	for (size_t i = 0; i < settings->count; i++) {
		const struct ta_setting *setting = settings->items[i];

		if (!rows[i] || setting->fate != TA_SETTING_WINS)
			continue;
		if (setting->glob)
			hold_glob(&holding, setting, rows[i]);
		else if (is_in_reach(&holding, setting->path))
			hold_key(&holding, setting, rows[i]);
		else
			pass_over(&holding, setting, rows[i]);
	}
	build_gaps(&holding);
	ta_buf_done(&holding.buf);
}

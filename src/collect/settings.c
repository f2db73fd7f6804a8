/* settings.c - see settings.h.
 *
 * Two programs read these files at boot: systemd-sysctl, and where there is no systemd sysctl
 * --system of procps, which reads /etc/sysctl.conf last. What they do with a made-up set of files
 * was compared with what is said here (systemd 252, procps 4.0.2). A container without systemd has
 * the files of its image, and nobody who reads them. */
#include "collect/settings.h"

#include <errno.h>
#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/language.h"
#include "base/number.h"
#include "base/text.h"
#include "collect/conf_files.h"
#include "collect/setting.h"
#include "collect/sysctl_conf.h"
#include "collect/tuned.h"
#include "snapshot/release.h"
#include "snapshot/tunables.h"

enum { LINES_MAX = 4000, FILES_OF_GAPS_MAX = 20 };

enum reader { READER_NONE, READER_SYSTEMD, READER_PROCPS };

static const char *const reader_names[] = { "none", "systemd", "procps" };
static const char sysctl_conf[] = "etc/sysctl.conf";

struct reading {
	const struct ta_root *root;
	struct ta_builder *builder;
	enum reader reader;
	bool contained; /* in a container */
	struct ta_conf_files files;
	struct ta_settings settings;
	struct ta_buf buf;
	size_t unread, long_lines;
	bool cut;
};

/* ---- who reads ---- */

/* Programs whose scripts run sysctl --system at boot. Something else as the first process, such as
 * the agent of a small virtual machine, is not known to read anything. */
static bool is_known_init(const char *name)
{
	static const char *const inits[] = { "init",  "openrc-init", "runit", "s6-svscan",
					     "dinit", "busybox",     "finit", "shepherd" };

	for (size_t i = 0; i < TA_ARRAY_SIZE(inits); i++)
		if (strcmp(name, inits[i]) == 0)
			return true;
	return false;
}

/* What an engine shares of its host, such as the first process, is no sign that the container's own
 * files are read. */
static enum reader find_reader(struct reading *reading)
{
	bool booted = ta_root_exists(reading->root, "run/systemd/system"); /* sd_booted(3) */
	char name[16] = "init";                                            /* unless it is told */

	if (ta_root_read(reading->root, "1/comm", &reading->buf) == 0)
		snprintf(name, sizeof(name), "%.*s", (int)strcspn(ta_buf_cstr(&reading->buf), "\n"),
			 ta_buf_cstr(&reading->buf));
	if (reading->contained)
		return booted && strcmp(name, "systemd") == 0 ? READER_SYSTEMD : READER_NONE;
	if (booted || strcmp(name, "systemd") == 0)
		return READER_SYSTEMD;
	return is_known_init(name) ? READER_PROCPS : READER_NONE;
}

/* ---- lines ---- */

bool ta_setting_is_ours(const struct ta_sysctl_line *line)
{
	const struct ta_tunable *tunables;
	size_t count = 0;

	if (strncmp(line->path, "net/", 4) == 0)
		return true;
	if (!line->glob)
		return ta_tunable_find(line->path);
	tunables = ta_tunables(&count, NULL);
	for (size_t i = 0; tunables && i < count; i++)
		if (tunables[i].path && fnmatch(line->path, tunables[i].path, FNM_PATHNAME) == 0)
			return true;
	return false;
}

static struct ta_setting *make_setting(const struct ta_sysctl_line *line)
{
	size_t path_size = strlen(line->path) + 1;
	struct ta_setting *setting = calloc(1, sizeof(*setting) + path_size + line->value_len + 1);
	char *text;

	if (!setting)
		return NULL;
	text = (char *)(setting + 1);
	memcpy(text, line->path, path_size);
	setting->path = text;
	if (line->kind == TA_SYSCTL_SET) {
		memcpy(text + path_size, line->value, line->value_len);
		setting->value = text + path_size;
	}
	setting->glob = line->glob;
	return setting;
}

static bool add_setting(struct ta_settings *settings, struct ta_setting *setting)
{
	if (!ta_array_room(&settings->items, settings->count, &settings->size,
			   sizeof(*settings->items)))
		return false;
	setting->sequence = settings->count;
	settings->items[settings->count++] = setting;
	return true;
}

static void take_line(struct reading *reading, const struct ta_sysctl_line *line,
		      const struct ta_setting *like)
{
	struct ta_setting *setting;

	if (line->value_len > TA_SYSCTL_VALUE_MAX) {
		reading->long_lines++;
		return;
	}
	if (reading->settings.count == LINES_MAX) {
		reading->cut = true;
		return;
	}
	setting = make_setting(line);
	if (!setting || !add_setting(&reading->settings, setting)) {
		free(setting);
		reading->builder->failed = true;
		return;
	}
	setting->file = like->file;
	setting->owner = like->owner;
	setting->line = like->line;
	setting->fate = like->fate;
	setting->by_file = like->by_file;
}

static void gap_of_file(struct reading *reading, const char *path, int failed)
{
	char what[512];

	if (++reading->unread > FILES_OF_GAPS_MAX)
		return;
	snprintf(what, sizeof(what), "/%s", path);
	ta_build_gap(reading->builder, what,
		     failed == EFBIG ? N_("it is larger than 64 KiB") : strerror(failed),
		     "settings", NULL);
}

/* like has what all lines of the file have in common. */
static void read_file(struct reading *reading, struct ta_setting like)
{
	int failed = ta_conf_read(reading->root, like.file, &reading->buf);
	const char *at = ta_buf_cstr(&reading->buf), *line, *name = strrchr(like.file, '/');
	size_t left = reading->buf.len, len;
	struct ta_sysctl_line parsed;

	if (failed && failed != ENOENT)
		gap_of_file(reading, like.file, failed);
	if (failed)
		return;
	like.owner = ta_setting_owner(name ? name + 1 : like.file, at, left);
	for (like.line = 1; ta_next_line(&at, &left, &line, &len); like.line++) {
		ta_sysctl_parse_line(line, len, &parsed);
		if (parsed.kind != TA_SYSCTL_NOTHING && ta_setting_is_ours(&parsed))
			take_line(reading, &parsed, &like);
	}
}

/* ---- files ---- */

static void list_files(struct reading *reading)
{
	/* the last is systemd's only where it was built for a /lib apart from /usr/lib */
	static const char *const folders[] = { "etc/sysctl.d", "run/sysctl.d",
					       "usr/local/lib/sysctl.d", "usr/lib/sysctl.d",
					       "lib/sysctl.d" };

	reading->files.with_hidden = reading->reader == READER_PROCPS;
	for (size_t i = 0; i < TA_ARRAY_SIZE(folders); i++) {
		int failed = ta_conf_files_add(&reading->files, reading->root, folders[i]);

		if (failed)
			gap_of_file(reading, folders[i], failed);
	}
	ta_conf_files_sort(&reading->files);
}

/* Many distributions have a link 99-sysctl.conf, so that systemd reads the file after all. */
static bool is_linked(const struct reading *reading)
{
	for (size_t i = 0; i < reading->files.count; i++)
		if (!reading->files.items[i].masked_by &&
		    ta_conf_is_same(reading->root, reading->files.items[i].path, sysctl_conf))
			return true;
	return false;
}

static void read_files(struct reading *reading)
{
	struct ta_setting like = { .file = sysctl_conf, .fate = TA_SETTING_WINS };
	bool procps = reading->reader != READER_SYSTEMD;

	list_files(reading);
	for (size_t i = 0; i < reading->files.count; i++) {
		const struct ta_conf_file *file = &reading->files.items[i];

		/* procps reads it again, and as the last: that is the reading which counts */
		if (procps && ta_conf_is_same(reading->root, file->path, sysctl_conf))
			continue;
		read_file(reading,
			  (struct ta_setting){
				  .file = file->path,
				  .fate = file->masked_by ? TA_SETTING_MASKED : TA_SETTING_WINS,
				  .by_file = file->masked_by ? file->masked_by->path : NULL,
			  });
	}
	if (!procps && is_linked(reading))
		return;
	if (!procps)
		like.fate = TA_SETTING_NOT_READ;
	read_file(reading, like);
}

/* ---- which line wins ---- */

/* What a line sets: net.nf_conntrack_max is another name of net.netfilter.nf_conntrack_max. */
static const char *identity_of(const struct ta_setting *setting)
{
	const struct ta_tunable *tunable = setting->glob ? NULL : ta_tunable_find(setting->path);

	return tunable && tunable->readable ? tunable->path : setting->path;
}

static int by_identity(const void *a, const void *b)
{
	const struct ta_setting *x = *(struct ta_setting *const *)a;
	const struct ta_setting *y = *(struct ta_setting *const *)b;
	int order = strcmp(x->identity, y->identity);

	return order ? order : (x->sequence > y->sequence) - (x->sequence < y->sequence);
}

/* Lines of one identity, in their order. For systemd "-key" is one of them; procps looks at it for
 * wildcards alone. */
static void decide(struct reading *reading, struct ta_setting **lines, size_t count)
{
	const struct ta_setting *last = NULL;

	for (size_t i = count; i-- > 0;) {
		struct ta_setting *line = lines[i];

		if (line->fate != TA_SETTING_WINS ||
		    (!line->value && reading->reader != READER_SYSTEMD))
			continue;
		if (last) {
			line->fate = last->value ? TA_SETTING_OVERRIDDEN : TA_SETTING_EXCLUDED;
			line->by = last;
		} else {
			last = line;
		}
	}
}

static void decide_all(struct reading *reading)
{
	size_t count = reading->settings.count;
	ta_auto_free struct ta_setting **sorted = calloc(count + 1, sizeof(struct ta_setting *));

	if (!sorted) {
		reading->builder->failed = true;
		return;
	}
	for (size_t i = 0; i < count; i++) {
		sorted[i] = reading->settings.items[i];
		sorted[i]->identity = identity_of(sorted[i]);
	}
	qsort(sorted, count, sizeof(struct ta_setting *), by_identity);
	for (size_t first = 0, end; first < count; first = end) {
		for (end = first + 1;
		     end < count && strcmp(sorted[end]->identity, sorted[first]->identity) == 0;)
			end++;
		decide(reading, sorted + first, end - first);
	}
}

/* ---- the document ---- */

bool ta_setting_is_secret(const char *path)
{
	return ta_text_ends_with(path, "/tcp_fastopen_key") ||
	       ta_text_ends_with(path, "/stable_secret");
}

/* Of a line that is read, setting->value is there: rows are made of no others. */
static void build_fate(struct ta_builder *builder, const struct ta_setting *setting, json_t *row)
{
	static const char *const reasons[] = {
		[TA_SETTING_OVERRIDDEN] = "overridden",
		[TA_SETTING_EXCLUDED] = "excluded",
		[TA_SETTING_MASKED] = "file_masked",
		[TA_SETTING_NOT_READ] = "file_not_read",
	};

	ta_build_bool(builder, row, "wins", setting->fate == TA_SETTING_WINS);
	if (setting->fate != TA_SETTING_WINS)
		ta_build_text(builder, row, "loses", reasons[setting->fate]);
	if (setting->by_file)
		ta_conf_build_path(builder, row, "loses_to", setting->by_file);
	if (!setting->by)
		return;
	ta_conf_build_path(builder, row, "loses_to", setting->by->file);
	ta_build_uint(builder, row, "loses_to_line", setting->by->line);
	if (!setting->by->value || ta_setting_is_secret(setting->path))
		return;
	ta_build_text(builder, row, "loses_to_value", setting->by->value);
	ta_build_bool(builder, row, "contradicted",
		      ta_sysctl_compare(setting->path, setting->value, strlen(setting->value),
					setting->by->value,
					strlen(setting->by->value)) != TA_SYSCTL_SAME);
}

static json_t *build_row(struct reading *reading, const struct ta_setting *setting, json_t *array)
{
	struct ta_builder *builder = reading->builder;
	json_t *row = ta_build_row(builder, array);
	char key[TA_SYSCTL_PATH_MAX];

	ta_sysctl_key(setting->path, key, sizeof(key));
	ta_build_text(builder, row, "key", key);
	if (!ta_setting_is_secret(setting->path))
		ta_build_text(builder, row, "value", setting->value);
	ta_conf_build_path(builder, row, "file", setting->file);
	ta_build_uint(builder, row, "line", setting->line);
	ta_build_bool(builder, row, "known", ta_tunable_find(setting->path));
	if (setting->glob)
		ta_build_bool(builder, row, "glob", true);
	if (setting->owner)
		ta_build_text(builder, row, "owner", setting->owner);
	if (reading->reader != READER_NONE)
		build_fate(builder, setting, row);
	return row;
}

/* Whether the program that read the files did so in this network namespace. */
static bool is_own_netns(const struct reading *reading, const struct ta_kernel *kernel)
{
	uint64_t own, of_init;

	if (ta_root_link_number(reading->root, "self/ns/net", &own) &&
	    ta_root_link_number(reading->root, "1/ns/net", &of_init))
		return own == of_init;
	return ta_netns_is_first(reading->root, kernel);
}

static struct ta_settings_reach find_reach(const struct reading *reading,
					   const struct ta_kernel *kernel)
{
	struct ta_settings_reach reach = { .globs_omit = reading->reader == READER_PROCPS };

	if (!kernel->known || !ta_release_parse(kernel->release, &reach.kernel))
		reach.kernel = 0;
	if (reading->reader == READER_NONE)
		return reach;
	reach.host = !reading->contained;
	reach.netns = is_own_netns(reading, kernel);
	reach.first = ta_netns_is_first(reading->root, kernel);
	return reach;
}

/* The lines "-key" are told only as what a line loses to. */
static void build_rows(struct reading *reading, const struct ta_kernel *kernel)
{
	json_t *array = ta_build_array(reading->builder, reading->builder->root, "settings");
	const struct ta_settings *settings = &reading->settings;
	ta_auto_free json_t **rows = calloc(settings->count + 1, sizeof(json_t *));
	struct ta_settings_reach reach = find_reach(reading, kernel);

	if (!rows) {
		reading->builder->failed = true;
		return;
	}
	for (size_t i = 0; i < settings->count; i++)
		if (settings->items[i]->value)
			rows[i] = build_row(reading, settings->items[i], array);
	if (reading->reader != READER_NONE)
		ta_settings_hold(settings, reading->root, &reach, reading->builder, rows);
}

static void build_bounds(struct reading *reading)
{
	struct ta_builder *builder = reading->builder;
	char what[80];

	if (reading->files.cut)
		ta_build_gap(builder, N_("some files of sysctl.d"), N_("there are more than 300"),
			     "settings", NULL);
	if (reading->cut)
		ta_build_gap(builder, N_("some lines of sysctl.d"), N_("there are more than 4000"),
			     "settings", NULL);
	if (reading->unread > FILES_OF_GAPS_MAX) {
		snprintf(what, sizeof(what), "%zu more files of sysctl.d",
			 reading->unread - FILES_OF_GAPS_MAX);
		ta_build_gap(builder, what, N_("they can't be read"), "settings", NULL);
	}
	if (reading->long_lines) {
		snprintf(what, sizeof(what), "%zu lines of sysctl.d", reading->long_lines);
		ta_build_gap(builder, what, N_("their values are longer than 4096 bytes"),
			     "settings", NULL);
	}
	if (reading->files.no_memory)
		builder->failed = true;
}

/* ---- all ---- */

static bool is_contained(const json_t *host)
{
	const char *runtime = json_string_value(json_object_get(host, "runtime"));

	return runtime && (strcmp(runtime, "container") == 0 || strcmp(runtime, "pod") == 0);
}

static void done(struct reading *reading)
{
	for (size_t i = 0; i < reading->settings.count; i++)
		free(reading->settings.items[i]);
	free(reading->settings.items);
	ta_conf_files_done(&reading->files);
	ta_buf_done(&reading->buf);
}

void ta_settings_build(const struct ta_root *root, const struct ta_kernel *kernel,
		       struct ta_builder *builder, json_t *host)
{
	struct reading reading = {
		.root = root,
		.builder = builder,
		.contained = is_contained(host),
		.buf = TA_BUF_INIT(TA_CONF_FILE_CAP),
	};

	if (!ta_root_exists(root, "etc")) {
		ta_build_gap(builder, N_("persisted settings"), N_("there is no /etc"), "settings",
			     "host.sysctl_reader", NULL);
		return;
	}
	reading.reader = find_reader(&reading);
	ta_build_text(builder, host, "sysctl_reader", reader_names[reading.reader]);
	ta_tuned_build(root, builder, host);
	read_files(&reading);
	decide_all(&reading);
	build_rows(&reading, kernel);
	build_bounds(&reading);
	done(&reading);
}

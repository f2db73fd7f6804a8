/* tuned.c - see tuned.h.
 *
 * The plugin sysctl of TuneD writes the options of its sections to /proc/sys, and then, unless
 * reapply_sysctl is off, the lines of /run/sysctl.d, /etc/sysctl.d and /etc/sysctl.conf once more,
 * so that those win (tuned/plugins/plugin_sysctl.py). A value that begins with > or < is written
 * where it is larger or smaller than the one in force. */
#include "collect/tuned.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/json.h"
#include "base/language.h"
#include "base/macros.h"
#include "base/slice.h"
#include "base/text.h"
#include "collect/conf_files.h"
#include "collect/setting.h"
#include "collect/sysctl_conf.h"
#include "collect/tuned_profile.h"

enum { ROWS_MAX = 500, NAMES_MAX = 256 };

static const char blanks[] = " \t\r\n";

struct building {
	struct ta_tuned tuned;
	json_t *variables, *rows;
	size_t unknown; /* values that can't be told */
	bool cut;
};

/* ---- tuned-main.conf ---- */

/* getboolean() of Python's configparser. By default it is on. */
static bool reapplies(const json_t *config)
{
	static const char *const off[] = { "0", "no", "false", "off" };
	const char *value = ta_json_text(json_object_get(config, "reapply_sysctl"), "value");

	for (size_t i = 0; i < TA_ARRAY_SIZE(off); i++)
		if (strcasecmp(value, off[i]) == 0)
			return false;
	return true;
}

static void add_folder(struct ta_tuned *tuned, const char *path, size_t len)
{
	for (; len && *path == '/'; len--)
		path++;
	if (len && len < TA_TUNED_PATH_MAX && tuned->folder_count < TA_TUNED_FOLDERS_MAX)
		snprintf(tuned->folders[tuned->folder_count++], TA_TUNED_PATH_MAX, "%.*s", (int)len,
			 path);
}

/* The later of the list comes first. TuneD 2.23 moved the profiles into folders of their own. */
static void find_folders(struct ta_tuned *tuned, const json_t *config)
{
	const char *list = ta_json_text(json_object_get(config, "profile_dirs"), "value");
	size_t end = strlen(list), start;

	for (; end > 0; end = start ? start - 1 : 0) {
		for (start = end; start > 0 && !strchr(",; ", list[start - 1]);)
			start--;
		add_folder(tuned, list + start, end - start);
	}
	if (tuned->folder_count)
		return;
	add_folder(tuned, "etc/tuned/profiles", strlen("etc/tuned/profiles"));
	add_folder(tuned, "etc/tuned", strlen("etc/tuned"));
	add_folder(tuned, "usr/lib/tuned/profiles", strlen("usr/lib/tuned/profiles"));
	add_folder(tuned, "usr/lib/tuned", strlen("usr/lib/tuned"));
}

/* ---- rows ---- */

/* Options of each unit of TuneD that are not the plugin's. */
static bool is_of_unit(const char *name)
{
	static const char *const names[] = { "type",          "enabled",     "replace",
					     "drop",          "devices",     "devices_udev_regex",
					     "cpuinfo_regex", "uname_regex", "script_pre",
					     "script_post",   "priority" };

	for (size_t i = 0; i < TA_ARRAY_SIZE(names); i++)
		if (strcmp(name, names[i]) == 0)
			return true;
	return false;
}

static bool is_quoted(struct ta_slice text)
{
	return text.len >= 2 && *text.data == '"' && text.data[text.len - 1] == '"';
}

static void build_value(struct ta_builder *builder, json_t *row, struct ta_slice value)
{
	if (is_quoted(value))
		value = ta_slice(value.data + 1, value.len - 2);
	if (value.len > 1 && ta_is_one_of(*value.data, "<>")) {
		ta_build_text(builder, row, "only", *value.data == '>' ? "raise" : "lower");
		for (value = ta_slice_from(value, 1); value.len && ta_is_blank(*value.data);)
			value = ta_slice_from(value, 1);
	}
	ta_build_text_n(builder, row, "value", value.data, value.len);
}

static void build_row(struct building *building, const struct ta_sysctl_line *line,
		      const json_t *option, bool known)
{
	struct ta_builder *builder = building->tuned.builder;
	json_t *row = ta_build_row(builder, building->rows);
	char key[TA_SYSCTL_PATH_MAX];

	ta_sysctl_key(line->path, key, sizeof(key));
	ta_build_text(builder, row, "key", key);
	if (known && !ta_setting_is_secret(line->path))
		build_value(builder, row, ta_slice(line->value, line->value_len));
	ta_conf_build_path(builder, row, "file", ta_json_text(option, "file"));
	ta_build_int(builder, row, "line", json_integer_value(json_object_get(option, "line")));
	building->unknown += !known;
}

/* The line that sysctl.d would have of it. TuneD knows no wildcards, and no "-key". */
static void take_option(struct building *building, const char *name, const json_t *option,
			bool applies)
{
	ta_auto(ta_buf_done) struct ta_buf value = TA_BUF_INIT(TA_TUNED_VALUE_MAX);
	ta_auto(ta_buf_done) struct ta_buf text = TA_BUF_INIT(TA_TUNED_VALUE_MAX * 2);
	bool known = ta_tuned_expand(building->variables, option, &value) && applies;
	struct ta_sysctl_line line;

	if (is_of_unit(name) || *name == '-')
		return;
	ta_buf_printf(&text, "%s=%s", name, known ? ta_buf_cstr(&value) : "");
	ta_sysctl_parse_line(ta_buf_cstr(&text), text.len, &line);
	if (line.kind != TA_SYSCTL_SET || line.glob || !ta_setting_is_ours(&line))
		return;
	if (json_array_size(building->rows) == ROWS_MAX)
		building->cut = true;
	else
		build_row(building, &line, option, known);
}

/* A unit is of the plugin that its type names, or else its own name. */
static bool is_of_sysctl(const char *name, const json_t *unit)
{
	const char *type = ta_json_string(json_object_get(unit, "type"), "value");
	const char *enabled = ta_json_string(json_object_get(unit, "enabled"), "value");

	if (enabled && strcmp(enabled, "True") != 0 && strcmp(enabled, "true") != 0 &&
	    strcmp(enabled, "1") != 0)
		return false;
	return strcmp(type ? type : name, "sysctl") == 0;
}

static bool take_units(struct building *building)
{
	const char *name, *key;
	json_t *unit, *option;
	bool any = false;

	json_object_foreach (building->tuned.sections, name, unit) {
		/* whether it is for this processor and kernel is not looked into */
		bool applies = !json_object_get(unit, "cpuinfo_regex") &&
			       !json_object_get(unit, "uname_regex");

		if (!is_of_sysctl(name, unit))
			continue;
		any |= applies;
		json_object_foreach (unit, key, option)
			take_option(building, key, option, applies);
	}
	return any;
}

static void build_gaps(const struct building *building)
{
	struct ta_builder *builder = building->tuned.builder;
	char what[80];

	if (building->cut)
		ta_build_gap(builder, N_("some tunables that TuneD sets"),
			     N_("there are more than 500"), "host.tuned.sysctl", NULL);
	if (!building->unknown)
		return;
	snprintf(what, sizeof(what), "values of %zu tunables that TuneD sets", building->unknown);
	ta_build_gap(builder, what,
		     N_("a function of TuneD, a variable without a value or the kind of processor "
			"says what they are"),
		     "host.tuned.sysctl[].value", NULL);
}

static void build_sysctl(struct building *building, json_t *object)
{
	struct ta_builder *builder = building->tuned.builder;
	bool any;

	if (!json_array_size(building->tuned.files))
		return; /* a gap says why */
	building->variables = ta_tuned_variables(&building->tuned);
	building->rows = ta_build_array(builder, object, "sysctl");
	any = take_units(building);
	if (any || !building->tuned.incomplete)
		ta_build_bool(builder, object, "sets_sysctl", any);
	build_gaps(building);
}

/* ---- all ---- */

/* Profiles that are named in a file; ret has NAMES_MAX bytes. */
static bool read_names(struct ta_tuned *tuned, const char *path, char *ret)
{
	const char *text;
	size_t len;

	if (ta_conf_read(tuned->root, path, &tuned->buf) != 0)
		return false;
	text = ta_buf_cstr(&tuned->buf);
	text += strspn(text, blanks);
	len = strcspn(text, "\n");
	while (len && strchr(blanks, text[len - 1]))
		len--;
	if (!len || len >= NAMES_MAX)
		return false;
	snprintf(ret, NAMES_MAX, "%.*s", (int)len, text);
	return true;
}

static void build_reapplies(struct ta_builder *builder, json_t *object, const json_t *config,
			    int failed)
{
	if (!failed || failed == ENOENT)
		ta_build_bool(builder, object, "reapplies_sysctl", reapplies(config));
	else
		ta_build_gap(builder, N_("/etc/tuned/tuned-main.conf"), strerror(failed),
			     "host.tuned.reapplies_sysctl", NULL);
}

static void build_all(struct building *building, const char *names, json_t *host)
{
	struct ta_tuned *tuned = &building->tuned;
	json_t *main_conf = NULL, *object = ta_build_object(tuned->builder, host, "tuned");
	int failed = ta_tuned_read(tuned, "etc/tuned/tuned-main.conf", "main", &main_conf);
	const json_t *config = json_object_get(main_conf, "main");
	char last[NAMES_MAX];

	tuned->sections = json_object();
	tuned->files = json_array();
	ta_build_text(tuned->builder, object, "profile", names);
	build_reapplies(tuned->builder, object, config, failed);
	find_folders(tuned, config);
	ta_tuned_load(tuned, names, blanks);
	if (read_names(tuned, "etc/tuned/post_loaded_profile", last))
		ta_tuned_load(tuned, last, blanks);
	build_sysctl(building, object);
	json_decref(main_conf);
	json_decref(tuned->sections);
	json_decref(tuned->files);
	json_decref(building->variables);
}

/* The profile stays behind when the service is stopped, the file with its process id does not. */
void ta_tuned_build(const struct ta_root *root, struct ta_builder *builder, json_t *host)
{
	struct building building = {
		.tuned = { .root = root, .builder = builder, .buf = TA_BUF_INIT(TA_CONF_FILE_CAP) },
	};
	char names[NAMES_MAX];

	if (ta_root_exists(root, "run/tuned/tuned.pid") &&
	    read_names(&building.tuned, "etc/tuned/active_profile", names))
		build_all(&building, names, host);
	ta_buf_done(&building.tuned.buf);
}

/* tuned_profile.c - see tuned_profile.h. What is done here is what TuneD does (read with 2.20 and
 * 2.26): configparser of Python, tuned/profiles/loader.py, merger.py, unit.py and variables.py. */
#include "collect/tuned_profile.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "base/number.h"
#include "base/slice.h"
#include "base/text.h"
#include "collect/conf_files.h"

static const char separators_of_lists[] = ",; \t";

/* ---- lines ---- */

struct parse {
	json_t *sections, *section; /* section NULL: before the first */
	json_t *option;             /* the last one, which may go on */
	const char *path;
	size_t indent; /* of its line */
	unsigned line;
};

static struct ta_slice strip(struct ta_slice text)
{
	while (text.len &&
	       (ta_is_blank(text.data[text.len - 1]) || text.data[text.len - 1] == '\r'))
		text.len--;
	while (text.len && ta_is_blank(*text.data))
		text.data++, text.len--;
	return text;
}

/* Without the comment: from a # or ; at the beginning, or a # behind a blank. */
static size_t without_comment(const char *line, size_t len)
{
	size_t start = 0;

	while (start < len && ta_is_blank(line[start]))
		start++;
	if (start < len && (line[start] == '#' || line[start] == ';'))
		return 0;
	for (size_t i = start + 1; i < len; i++)
		if (line[i] == '#' && ta_is_blank(line[i - 1]))
			return i;
	return len;
}

/* The object of this name in another, made where it is not there. Borrowed; NULL when the name is
 * no UTF-8, or memory ran out. */
static json_t *object_in(json_t *object, struct ta_slice name)
{
	json_t *found = json_object_getn(object, name.data, name.len);

	if (!found && json_object_setn_new(object, name.data, name.len, json_object()) == 0)
		found = json_object_getn(object, name.data, name.len);
	return found;
}

static void parse_section(struct parse *parse, struct ta_slice text)
{
	const char *end = memrchr(text.data, ']', text.len);

	parse->option = NULL;
	parse->section = NULL;
	if (end && end > text.data + 1)
		parse->section = object_in(parse->sections,
					   ta_slice(text.data + 1, (size_t)(end - text.data - 1)));
}

static void parse_option(struct parse *parse, struct ta_slice text)
{
	const char *equals = memchr(text.data, '=', text.len);
	struct ta_slice key, value;

	parse->option = NULL;
	if (!equals || !parse->section)
		return;
	key = strip(ta_slice(text.data, (size_t)(equals - text.data)));
	value = strip(ta_slice_from(text, (size_t)(equals + 1 - text.data)));
	if (!key.len || value.len > TA_TUNED_VALUE_MAX)
		return;
	parse->option = object_in(parse->section, key);
	if (!parse->option)
		return;
	json_object_clear(parse->option); /* of two the later counts, in the place of the first */
	json_object_set_new(parse->option, "value", json_stringn(value.data, value.len));
	json_object_set_new(parse->option, "file", json_string(parse->path));
	json_object_set_new(parse->option, "line", json_integer(parse->line));
}

static void parse_line(struct parse *parse, const char *line, size_t len)
{
	size_t indent = 0;
	struct ta_slice text;

	len = without_comment(line, strnlen(line, len));
	while (indent < len && ta_is_blank(line[indent]))
		indent++;
	text = strip(ta_slice(line, len));
	if (!text.len)
		return;
	if (parse->option && indent > parse->indent) {
		json_object_del(parse->option, "value");
		return;
	}
	parse->indent = indent;
	if (*text.data == '[')
		parse_section(parse, text);
	else
		parse_option(parse, text);
}

int ta_tuned_read(struct ta_tuned *tuned, const char *path, const char *section, json_t **ret)
{
	struct parse parse = { .sections = NULL, .path = path };
	const char *at, *line;
	size_t left, len;
	int failed = ta_conf_read(tuned->root, path, &tuned->buf);

	if (failed)
		return failed;
	parse.sections = json_object();
	if (section)
		parse.section = object_in(parse.sections, ta_slice(section, strlen(section)));
	at = ta_buf_cstr(&tuned->buf);
	left = tuned->buf.len;
	for (parse.line = 1; ta_next_line(&at, &left, &line, &len); parse.line++)
		parse_line(&parse, line, len);
	tuned->builder->failed |= !parse.sections;
	*ret = parse.sections;
	return 0;
}

/* ---- one over the other ---- */

static bool is_on(const json_t *unit, const char *name)
{
	const char *value = ta_json_text(json_object_get(unit, name), "value");

	return strcmp(value, "True") == 0 || strcmp(value, "true") == 0 || strcmp(value, "1") == 0;
}

static void drop_options(json_t *unit, const char *names)
{
	for (size_t len; *names; names += len) {
		names += strspn(names, separators_of_lists);
		len = strcspn(names, separators_of_lists);
		json_object_deln(unit, names, len);
	}
}

/* A unit is a section. What it is of and whether it is enabled are the newer one's, even where that
 * says nothing. */
static void merge_unit(json_t *older, json_t *newer)
{
	json_object_del(older, "type");
	json_object_del(older, "enabled");
	drop_options(older, ta_json_text(json_object_get(newer, "drop"), "value"));
	json_object_update(older, newer);
}

static void merge(json_t *older, json_t *newer)
{
	const char *name;
	json_t *unit;

	json_object_foreach (newer, name, unit) {
		json_t *there = json_object_get(older, name);

		if (there && !is_on(unit, "replace"))
			merge_unit(there, unit);
		else
			json_object_set(older, name, unit);
	}
}

/* ---- finding and loading ---- */

static void gap(struct ta_tuned *tuned, const char *what, const char *why)
{
	tuned->incomplete = true;
	ta_build_gap(tuned->builder, what, why, "host.tuned.sysctl", "host.tuned.sets_sysctl",
		     NULL);
}

static bool is_safe_name(struct ta_slice name)
{
	for (size_t i = 0; i < name.len; i++)
		if (!ta_text_is_word_byte(name.data[i]) && !ta_is_one_of(name.data[i], ".-"))
			return false;
	return name.len > 0 && name.len < TA_TUNED_PATH_MAX / 2;
}

static bool is_loaded(const struct ta_tuned *tuned, const char *path)
{
	size_t i;
	json_t *file;

	json_array_foreach (tuned->files, i, file)
		if (strcmp(json_string_value(file), path) == 0)
			return true;
	return false;
}

static void load_file(struct ta_tuned *tuned, const char *path, json_t *sections)
{
	const json_t *include = json_object_get(json_object_get(sections, "main"), "include");
	const char *names = ta_json_string(include, "value");
	char absolute[TA_TUNED_PATH_MAX * 2 + 1];

	snprintf(absolute, sizeof(absolute), "/%s", path);
	if (names && !strchr(names, '$'))
		ta_tuned_load(tuned, names, separators_of_lists);
	else if (include)
		gap(tuned, absolute, "what it includes is said by a variable or a function");
	merge(tuned->sections, sections);
}

static bool is_absence(int failed)
{
	return failed == ENOENT || failed == ENOTDIR || failed == EISDIR;
}

static int load_path(struct ta_tuned *tuned, const char *path)
{
	json_t *sections = NULL;
	int failed = ta_tuned_read(tuned, path, NULL, &sections);

	if (failed)
		return failed;
	json_array_append_new(tuned->files, json_string(path));
	load_file(tuned, path, sections);
	json_decref(sections);
	return 0;
}

/* A profile may include one of its own name, in a folder that comes later. 0 or the errno. */
static int load_profile(struct ta_tuned *tuned, struct ta_slice name)
{
	char path[TA_TUNED_PATH_MAX * 2];
	int failed = ENOENT;
	bool there = false;

	for (size_t i = 0; i < tuned->folder_count && is_absence(failed); i++) {
		snprintf(path, sizeof(path), "%s/%.*s/tuned.conf", tuned->folders[i], (int)name.len,
			 name.data);
		if (is_loaded(tuned, path))
			there = true;
		else
			failed = load_path(tuned, path);
	}
	return there && is_absence(failed) ? 0 : failed;
}

static void load_name(struct ta_tuned *tuned, struct ta_slice name)
{
	bool optional = name.len && *name.data == '-'; /* "-name": where there is one */
	char what[TA_TUNED_PATH_MAX];
	int failed;

	name.data += optional;
	name.len -= optional;
	if (!is_safe_name(name)) {
		gap(tuned, "a profile of TuneD", "its name is none");
		return;
	}
	snprintf(what, sizeof(what), "profile %.*s of TuneD", (int)name.len, name.data);
	if (json_array_size(tuned->files) == TA_TUNED_FILES_MAX) {
		gap(tuned, what, "there are more than 32 files");
		return;
	}
	failed = load_profile(tuned, name);
	if (failed && !(optional && is_absence(failed)))
		gap(tuned, what, failed == EFBIG ? "it is larger than 64 KiB" : strerror(failed));
}

void ta_tuned_load(struct ta_tuned *tuned, const char *names, const char *separators)
{
	for (size_t len; names += strspn(names, separators), *names; names += len) {
		len = strcspn(names, separators);
		load_name(tuned, ta_slice(names, len));
	}
}

/* ---- variables ---- */

/* The text for what stands between "${" and "}". */
static bool add_variable(const json_t *variables, const json_t *option, struct ta_slice name,
			 struct ta_buf *ret)
{
	const char *file = ta_json_text(option, "file"), *slash = strrchr(file, '/');
	const json_t *value;

	if (slash && ta_slice_equals(name, "i:PROFILE_DIR")) {
		ta_buf_str(ret, "/");
		ta_buf_add(ret, file, (size_t)(slash - file));
		return true;
	}
	value = json_object_getn(variables, name.data, name.len);
	if (value)
		ta_buf_str(ret, json_string_value(value));
	return value;
}

bool ta_tuned_expand(const json_t *variables, const json_t *option, struct ta_buf *ret)
{
	const char *text = ta_json_string(option, "value"), *open, *close;

	ta_buf_clear(ret);
	if (!text || strstr(text, "\\$"))
		return false;
	for (; (open = strstr(text, "${")); text = close + 1) {
		close = strchr(open, '}');
		ta_buf_add(ret, text, (size_t)(open - text));
		if (!close || !add_variable(variables, option,
					    ta_slice(open + 2, (size_t)(close - open - 2)), ret))
			return false;
	}
	ta_buf_str(ret, text);
	return ta_buf_ok(ret, NULL);
}

static void set_variable(json_t *variables, const char *name, const json_t *option)
{
	ta_auto(ta_buf_done) struct ta_buf text = TA_BUF_INIT(TA_TUNED_VALUE_MAX);

	if (ta_tuned_expand(variables, option, &text))
		json_object_set_new(variables, name, json_string(ta_buf_cstr(&text)));
	else
		json_object_del(variables, name);
}

/* A file of variables: options before any section, and those of all sections. One that can't be
 * read leaves its variables unknown; a gap says so of what is made of them. */
static void set_variables_of(struct ta_tuned *tuned, json_t *variables, const char *path)
{
	const char *section, *name;
	json_t *sections = NULL, *options, *option;

	if (ta_tuned_read(tuned, path + strspn(path, "/"), "variables", &sections) != 0)
		return;
	json_object_foreach (sections, section, options)
		json_object_foreach (options, name, option)
			set_variable(variables, name, option);
	json_decref(sections);
}

json_t *ta_tuned_variables(struct ta_tuned *tuned)
{
	ta_auto(ta_buf_done) struct ta_buf path = TA_BUF_INIT(TA_TUNED_PATH_MAX);
	json_t *variables = json_object(), *option;
	const char *name;

	json_object_foreach (json_object_get(tuned->sections, "variables"), name, option)
		if (strcmp(name, "include") != 0)
			set_variable(variables, name, option);
		else if (ta_tuned_expand(variables, option, &path))
			set_variables_of(tuned, variables, ta_buf_cstr(&path));
	return variables;
}

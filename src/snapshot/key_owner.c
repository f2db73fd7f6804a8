/* key_owner.c - see key_owner.h.
 *
 * Files are applied in the order of their names, whatever folder they are in, so a later name wins
 * over ours. /etc/sysctl.conf comes last where procps reads the files, and where TuneD applies them
 * once more, be it read at boot or not. A line that names a key wins over all with wildcards: ours
 * names it, so those are no owners. */
#include "snapshot/key_owner.h"

#include <fnmatch.h>
#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "base/language.h"
#include "base/macros.h"
#include "snapshot/tunables.h"
#include "snapshot/own_file.h"

static const char sysctl_conf[] = "/etc/sysctl.conf";

/* ---- keys and files ---- */

/* net.nf_conntrack_max is another name of net.netfilter.nf_conntrack_max. */
static bool is_same_key(const char *a, const char *b)
{
	const struct ta_tunable *tunable = ta_tunable_find(a);

	return strcmp(a, b) == 0 || (tunable && tunable == ta_tunable_find(b));
}

/* "net.ipv4.conf.*.x", held against the paths that both stand for. */
static void to_path(const char *key, char *ret, size_t size)
{
	for (; *key && size > 1; key++, size--)
		*ret++ = *key == '.' ? '/' : *key == '/' ? '.' : *key;
	*ret = '\0';
}

static bool is_matched(const char *glob, const char *key)
{
	char pattern[256], path[256];

	to_path(glob, pattern, sizeof(pattern));
	to_path(key, path, sizeof(path));
	return fnmatch(pattern, path, FNM_PATHNAME | FNM_PERIOD) == 0;
}

static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

static bool is_later(const char *file)
{
	return strcmp(base_name(file), base_name(TA_OWN_SYSCTL_FILE)) > 0;
}

static bool is_true(const json_t *object, const char *name)
{
	return json_is_true(json_object_get(object, name));
}

static uint64_t line_of(const json_t *row, const char *name)
{
	return (uint64_t)json_integer_value(json_object_get(row, name));
}

/* ---- files ---- */

static const json_t *tuned_of(const json_t *snapshot)
{
	return json_object_get(json_object_get(snapshot, "host"), "tuned");
}

/* A profile without a section of sysctl applies nothing; where that is not known it may. */
static bool does_tuned_apply_files(const json_t *snapshot)
{
	const json_t *tuned = tuned_of(snapshot);

	return is_true(tuned, "reapplies_sysctl") &&
	       !json_is_false(json_object_get(tuned, "sets_sysctl"));
}

static bool is_conf_last(const json_t *snapshot)
{
	const char *reader = ta_json_text(json_object_get(snapshot, "host"), "sysctl_reader");

	return strcmp(reader, "procps") == 0 || does_tuned_apply_files(snapshot);
}

/* Whether a row is applied, and after ours. Nobody's business are files that nobody reads. */
static bool is_after_ours(const json_t *snapshot, const json_t *row)
{
	const char *file = ta_json_text(row, "file"), *loses = ta_json_text(row, "loses");
	const char *reader = ta_json_text(json_object_get(snapshot, "host"), "sysctl_reader");

	if (strcmp(reader, "none") == 0 || is_true(row, "glob") ||
	    strcmp(loses, "file_masked") == 0)
		return false;
	if (strcmp(file, sysctl_conf) == 0)
		return is_conf_last(snapshot);
	return is_later(file) && strcmp(loses, "file_not_read") != 0;
}

static void say_file(struct ta_key_owner *ret, const char *key)
{
	char place[320];

	snprintf(place, sizeof(place),
		 ret->name ? _("%s, line %llu (%s writes it)") : _("%s, line %llu"), ret->file,
		 (unsigned long long)ret->line, ret->name);
	if (ret->value)
		snprintf(ret->sentence, sizeof(ret->sentence),
			 _("%s, sets %s to %s and is applied after %s"), place, key, ret->value,
			 TA_OWN_SYSCTL_FILE);
	else
		snprintf(ret->sentence, sizeof(ret->sentence),
			 _("%s, is applied after %s and sets %s or takes it back"), place,
			 TA_OWN_SYSCTL_FILE, key);
}

/* A later "-key" takes back what is set before it (systemd). The snapshot has it only as what
 * another line loses to. */
static bool is_taken_back(const json_t *row)
{
	return strcmp(ta_json_text(row, "loses"), "excluded") == 0 &&
	       is_later(ta_json_text(row, "loses_to"));
}

static bool find_file(const json_t *snapshot, const char *key, struct ta_key_owner *ret)
{
	const json_t *last = NULL;
	size_t i;
	json_t *row;

	json_array_foreach (json_object_get(snapshot, "settings"), i, row)
		if (is_same_key(ta_json_text(row, "key"), key) &&
		    (is_after_ours(snapshot, row) || is_taken_back(row)))
			last = row;
	if (!last)
		return false;
	*ret = (struct ta_key_owner){ .kind = TA_KEY_OF_FILE };
	if (is_taken_back(last)) {
		ret->file = ta_json_text(last, "loses_to");
		ret->line = line_of(last, "loses_to_line");
	} else {
		ret->name = ta_json_string(last, "owner");
		ret->file = ta_json_text(last, "file");
		ret->line = line_of(last, "line");
		ret->value = ta_json_string(last, "value");
	}
	say_file(ret, key);
	return true;
}

/* ---- TuneD ---- */

/* "raises net.core.somaxconn to 2048", or without a value that nobody knows. */
static void say_setting(char *ret, size_t size, const struct ta_key_owner *owner, const char *key)
{
	bool raises = owner->only && strcmp(owner->only, "raise") == 0;

	if (owner->value)
		snprintf(ret, size,
			 !owner->only ? _("sets %s to %s")
			 : raises     ? _("raises %s to %s")
				      : _("lowers %s to %s"),
			 key, owner->value);
	else
		snprintf(ret, size,
			 !owner->only ? _("sets %s")
			 : raises     ? _("raises %s")
				      : _("lowers %s"),
			 key);
}

static bool find_tuned(const json_t *snapshot, const char *key, struct ta_key_owner *ret)
{
	const json_t *tuned = tuned_of(snapshot), *last = NULL;
	char setting[320];
	size_t i;
	json_t *row;

	if (is_true(tuned, "reapplies_sysctl"))
		return false; /* then our file has the last word */
	json_array_foreach (json_object_get(tuned, "sysctl"), i, row)
		if (is_same_key(ta_json_text(row, "key"), key))
			last = row;
	if (!last)
		return false;
	*ret = (struct ta_key_owner){
		.kind = TA_KEY_OF_TUNED,
		.name = "TuneD",
		.file = ta_json_text(last, "file"),
		.line = line_of(last, "line"),
		.value = ta_json_string(last, "value"),
		.only = ta_json_string(last, "only"),
	};
	say_setting(setting, sizeof(setting), ret, key);
	snprintf(ret->sentence, sizeof(ret->sentence),
		 _("TuneD (profile %s) %s by %s, line %llu, when it starts, and does not apply the "
		   "files of sysctl.d after that"),
		 ta_json_text(tuned, "profile"), setting, ret->file, (unsigned long long)ret->line);
	return true;
}

/* ---- programs ---- */

static bool has_key(const json_t *keys, const char *key)
{
	size_t i;
	json_t *item;

	json_array_foreach (keys, i, item)
		if (is_same_key(json_string_value(item), key))
			return true;
	return false;
}

static bool find_program(const json_t *snapshot, const char *key, struct ta_key_owner *ret)
{
	const json_t *managers = json_object_get(json_object_get(snapshot, "host"), "managers");
	const json_t *last = NULL;
	size_t i;
	json_t *row;

	json_array_foreach (managers, i, row)
		if (has_key(json_object_get(row, "keys"), key) &&
		    (!last || !has_key(json_object_get(row, "raises"), key)))
			last = row;
	if (!last)
		return false;
	*ret = (struct ta_key_owner){
		.kind = TA_KEY_OF_PROGRAM,
		.name = ta_json_text(last, "name"),
		.pid = line_of(last, "pid"),
		.only = has_key(json_object_get(last, "raises"), key) ? "raise" : NULL,
	};
	snprintf(ret->sentence, sizeof(ret->sentence),
		 ret->only ? _("%s (process %llu) runs and raises %s by its own configuration")
			   : _("%s (process %llu) runs and sets %s by its own configuration"),
		 ret->name, (unsigned long long)ret->pid, key);
	return true;
}

/* ---- all ---- */

typedef bool (*finder)(const json_t *snapshot, const char *key, struct ta_key_owner *ret);

bool ta_setting_owner_of(const json_t *snapshot, const char *key, struct ta_key_owner *ret)
{
	static const finder finders[] = { find_program, find_tuned,
					  find_file }; /* the last first */
	struct ta_key_owner owner;
	bool found = false;

	for (size_t i = 0; i < TA_ARRAY_SIZE(finders); i++) {
		if (!finders[i](snapshot, key, &owner) || (found && owner.only))
			continue;
		*ret = owner;
		found = true;
		if (!owner.only)
			break;
	}
	return found;
}

const json_t *ta_setting_today(const json_t *snapshot, const char *key)
{
	const json_t *found = NULL;
	size_t i;
	json_t *row;

	json_array_foreach (json_object_get(snapshot, "settings"), i, row) {
		const char *set = ta_json_text(row, "key");

		if (!is_true(row, "wins"))
			continue;
		if (!is_true(row, "glob") && is_same_key(set, key))
			return row;
		if (is_true(row, "glob") && is_matched(set, key))
			found = row;
	}
	return found;
}

/* store.c - see store.h. A record is replaced in one step, so that there is always a whole one. */
#include "apply/store.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "apply/action.h"
#include "apply/folder.h"
#include "base/file.h"
#include "base/json.h"
#include "base/macros.h"

TA_DEFINE_AUTO(json_t, json_decref)

enum { RECORD_MAX = 16 << 20, RECORDS_MAX = 9999 };

static void path_of(const struct ta_store *store, json_int_t id, char *ret, size_t size)
{
	snprintf(ret, size, "%s/%04" JSON_INTEGER_FORMAT ".json", store->folder, id);
}

/* ---- the folder ---------------------------------------------------------------------- */

/* Nobody else writes here now, so what is half written was left by one that was killed. */
static void sweep(const struct ta_store *store)
{
	char path[4200];

	snprintf(path, sizeof(path), "%s/[0-9]*.json", store->folder);
	ta_folder_sweep(path);
}

static bool take_lock(struct ta_store *store, struct ta_error *err)
{
	char path[4200];

	snprintf(path, sizeof(path), "%s/lock", store->folder);
	if (!ta_folder_make(path, err))
		return false;
	store->lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (store->lock < 0)
		return ta_fail_errno(err, errno, "can't open %s", path);
	if (flock(store->lock, LOCK_EX | LOCK_NB) == 0) {
		sweep(store);
		return true;
	}
	if (errno == EWOULDBLOCK)
		return ta_fail(err, TA_E_SYSTEM, "another tcpadvise is at work: it holds %s", path);
	return ta_fail_errno(err, errno, "can't lock %s", path);
}

static void folder_of(const char *root, char *ret, size_t size)
{
	snprintf(ret, size, "%s/var/lib/tcpadvise", root);
}

bool ta_store_is_there(const char *root)
{
	char folder[4096];

	folder_of(root, folder, sizeof(folder));
	return access(folder, F_OK) == 0;
}

bool ta_store_open(struct ta_store *store, const char *root, bool for_writing, struct ta_error *err)
{
	store->lock = -1;
	folder_of(root, store->folder, sizeof(store->folder));
	return !for_writing || take_lock(store, err);
}

void ta_store_done(struct ta_store *store)
{
	ta_close_p(&store->lock);
	store->lock = -1;
}

/* ---- records ------------------------------------------------------------------------- */

/* "0001.json" */
static int is_record(const struct dirent *entry)
{
	const char *name = entry->d_name;

	return strspn(name, "0123456789") == 4 && strcmp(name + 4, ".json") == 0;
}

static bool check_actions(const json_t *record, const char *path, struct ta_error *err)
{
	const json_t *action;
	size_t i;

	json_array_foreach (json_object_get(record, "actions"), i, action)
		if (!ta_action_check(action, err))
			return ta_wrap(err, "%s", path);
	return true;
}

/* name: of the file, which is the number of the record. */
static bool check(const json_t *record, const char *path, const char *name, struct ta_error *err)
{
	if (strcmp(ta_json_text(record, "schema"), TA_CHANGE_SCHEMA) != 0)
		return ta_fail(err, TA_E_INPUT, "%s: \"schema\" is '%s', and this version reads %s",
			       path, ta_json_text(record, "schema"), TA_CHANGE_SCHEMA);
	if (json_integer_value(json_object_get(record, "id")) != strtoll(name, NULL, 10) ||
	    !json_is_array(json_object_get(record, "actions")) ||
	    !json_is_string(json_object_get(record, "state")))
		return ta_fail(err, TA_E_INPUT,
			       "%s: \"id\" (the number that is its name), \"state\" (a word) and "
			       "\"actions\" (a list) were expected",
			       path);
	return check_actions(record, path, err);
}

static bool read_record(const struct ta_store *store, const char *name, json_t *list,
			struct ta_error *err)
{
	ta_auto(ta_buf_done) struct ta_buf text = TA_BUF_INIT(RECORD_MAX);
	ta_auto(json_decref_p) json_t *record = NULL;
	json_error_t mistake;
	char path[4400];

	snprintf(path, sizeof(path), "%s/%s", store->folder, name);
	if (!ta_file_read(AT_FDCWD, path, &text, err))
		return false;
	record = json_loadb(ta_buf_cstr(&text), text.len, JSON_REJECT_DUPLICATES, &mistake);
	if (!record) {
		ta_fail(err, TA_E_INPUT, "%s", mistake.text);
		return ta_fail_at(err, path, mistake.line, mistake.column);
	}
	return check(record, path, name, err) &&
	       (json_array_append(list, record) == 0 || ta_fail(err, TA_E_NOMEM, "out of memory"));
}

bool ta_store_list(const struct ta_store *store, json_t **ret, struct ta_error *err)
{
	ta_auto(json_decref_p) json_t *list = json_array();
	struct dirent **entries = NULL;
	int count = scandir(store->folder, &entries, is_record, alphasort);
	bool ok = list != NULL;

	if (count < 0 && errno != ENOENT)
		return ta_fail_errno(err, errno, "can't read %s", store->folder);
	for (int i = 0; i < count; i++) {
		ok = ok && read_record(store, entries[i]->d_name, list, err);
		free(entries[i]);
	}
	free(entries);
	if (!list)
		return ta_fail(err, TA_E_NOMEM, "out of memory");
	if (ok)
		*ret = TA_TAKE(list);
	return ok;
}

/* One more than the highest, by their names: one that can't be read keeps its number. */
static bool next_id(const struct ta_store *store, json_int_t *ret, struct ta_error *err)
{
	struct dirent **entries = NULL;
	int count = scandir(store->folder, &entries, is_record, alphasort);

	if (count < 0)
		return ta_fail_errno(err, errno, "can't read %s", store->folder);
	*ret = count ? strtoll(entries[count - 1]->d_name, NULL, 10) + 1 : 1;
	while (count > 0)
		free(entries[--count]);
	free(entries);
	return *ret <= RECORDS_MAX ||
	       ta_fail(err, TA_E_LIMIT, "%s is full: remove records that are no longer needed",
		       store->folder);
}

bool ta_store_write(const struct ta_store *store, json_t *record, struct ta_error *err)
{
	ta_auto(ta_buf_done) struct ta_buf text = TA_BUF_INIT(RECORD_MAX);
	json_int_t id = json_integer_value(json_object_get(record, "id"));
	char path[4200];

	if (!id && (!next_id(store, &id, err) || (!ta_json_set(record, "id", json_integer(id)) &&
						  !ta_fail(err, TA_E_NOMEM, "out of memory"))))
		return false;
	path_of(store, id, path, sizeof(path));
	return ta_json_print(&text, record, TA_JSON_PAGE, err) && ta_buf_ok(&text, err) &&
	       ta_file_write_atomic(path, ta_buf_cstr(&text), text.len, err) &&
	       ta_folder_sync(path, err);
}

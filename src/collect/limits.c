/* limits.c - see limits.h.
 *
 * Where a unit lies and which of its drop-ins count is in systemd.unit(5); drop-ins of a unit's
 * other names (Alias=) are not looked for. */
#include "collect/limits.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/language.h"
#include "base/number.h"
#include "collect/conf_files.h"
#include "collect/limits_conf.h"
#include "collect/users.h"

enum {
	PAM_LINES_MAX = 1000,
	PASSWD_CAP = 1 << 20,
	UNITS_MAX = 200, /* as many as processes[] has rows */
	UNIT_NAME_MAX = 256,
	PATH_SIZE = 512,
	GAPS_MAX = 20,
};

/* A limit and where it is written. */
struct place {
	struct ta_limit limit;
	char file[PATH_SIZE]; /* below the root; "": nowhere */
	unsigned line;
	const char *via;
};

struct unit_row {
	char name[UNIT_NAME_MAX];
	struct place place;
};

struct pam_row {
	struct ta_pam_line parsed;
	size_t file; /* of the list */
	unsigned line;
};

struct limits {
	const struct ta_root *root;
	struct ta_builder *builder;
	struct ta_buf buf;
	const char *folders[16]; /* of units, those that are there; NULL behind them */
	struct place manager;    /* DefaultLimitNOFILE= */
	struct unit_row *units;
	size_t unit_count;
	struct ta_conf_files pam_files;
	struct pam_row *pam;
	size_t pam_count, unread;
	bool pam_cut;
	struct ta_buf passwd, group;
	bool passwd_known, group_known;
	uint64_t nr_open; /* what infinity comes to; 0: not known */
};

/* Reads a file; one that is there and can't be read is a gap. */
static bool read_file(struct limits *limits, const char *path, const char *fact)
{
	int failed = ta_conf_read(limits->root, path, &limits->buf);
	char what[PATH_SIZE];

	if (!failed)
		return true;
	if (failed == ENOENT || failed == ENOTDIR || failed == EISDIR)
		return false;
	if (++limits->unread > GAPS_MAX)
		return false;
	snprintf(what, sizeof(what), "/%s", path);
	ta_build_gap(limits->builder, what,
		     failed == EFBIG ? N_("it is larger than 64 KiB") : strerror(failed), fact,
		     NULL);
	return false;
}

/* ---- units ---- */

static const char of_units[] = "processes[].configured_nofile";

static void find_folders(struct limits *limits)
{
	/* systemd.unit(5), the system's; the last where /lib is no link */
	static const char *const folders[] = {
		"etc/systemd/system.control", "run/systemd/system.control",
		"run/systemd/transient",      "run/systemd/generator.early",
		"etc/systemd/system",         "run/systemd/system",
		"run/systemd/generator",      "usr/local/lib/systemd/system",
		"usr/lib/systemd/system",     "lib/systemd/system",
		"run/systemd/generator.late",
	};
	size_t count = 0;

	for (size_t i = 0; i < TA_ARRAY_SIZE(folders); i++)
		if (ta_root_exists(limits->root, folders[i]))
			limits->folders[count++] = folders[i];
}

/* Takes the limit of the file that was read, if it has one. */
static void take_limit(struct limits *limits, const char *section, const char *key,
		       const char *file, const char *via, struct place *place)
{
	if (!ta_unit_find_limit(&limits->buf, section, key, &place->limit, &place->line))
		return;
	snprintf(place->file, sizeof(place->file), "%s", file);
	place->via = via;
}

/* The first folder that has the file. */
static bool read_fragment(struct limits *limits, const char *name, struct place *place)
{
	char path[PATH_SIZE];

	for (size_t i = 0; limits->folders[i]; i++) {
		snprintf(path, sizeof(path), "%s/%s", limits->folders[i], name);
		if (!ta_root_exists(limits->root, path))
			continue;
		if (read_file(limits, path, of_units))
			take_limit(limits, "Service", "LimitNOFILE", path, "unit", place);
		return true;
	}
	return false;
}

static void add_folder(struct limits *limits, struct ta_conf_files *files, const char *folder,
		       const char *name)
{
	char path[PATH_SIZE];

	if (snprintf(path, sizeof(path), "%s/%s.d", folder, name) < (int)sizeof(path))
		ta_conf_files_add(files, limits->root, path);
}

/* "a-b-c.service": its own folder, then a-b-.service.d and a-.service.d. */
static void add_folders(struct limits *limits, struct ta_conf_files *files, const char *folder,
			const char *name)
{
	char prefix[UNIT_NAME_MAX], longer[UNIT_NAME_MAX + sizeof(".service")];
	char *dash;

	add_folder(limits, files, folder, name);
	snprintf(prefix, sizeof(prefix), "%.*s", (int)strcspn(name, "@."), name);
	for (int depth = 0; depth < 8 && (dash = strrchr(prefix, '-')) && dash > prefix; depth++) {
		dash[1] = '\0';
		snprintf(longer, sizeof(longer), "%s.service", prefix);
		if (strcmp(longer, name) != 0)
			add_folder(limits, files, folder, longer);
		*dash = '\0';
	}
}

static void read_drop_ins(struct limits *limits, const char *name, const char *template_,
			  struct place *place)
{
	struct ta_conf_files files = { .items = NULL };

	for (size_t i = 0; limits->folders[i]; i++) {
		add_folders(limits, &files, limits->folders[i], name);
		if (*template_)
			add_folder(limits, &files, limits->folders[i], template_);
	}
	for (size_t i = 0; limits->folders[i]; i++) /* the weakest: those for all services */
		add_folder(limits, &files, limits->folders[i], "service");
	ta_conf_files_sort(&files);
	for (size_t i = 0; i < files.count; i++)
		if (!files.items[i].masked_by && read_file(limits, files.items[i].path, of_units))
			take_limit(limits, "Service", "LimitNOFILE", files.items[i].path, "drop-in",
				   place);
	if (files.no_memory)
		limits->builder->failed = true;
	ta_conf_files_done(&files);
}

/* "getty@tty1.service" -> "getty@.service"; "" when it is no instance. */
static void template_of(const char *name, char ret[static UNIT_NAME_MAX])
{
	const char *at = strchr(name, '@');

	*ret = '\0';
	if (at)
		snprintf(ret, UNIT_NAME_MAX, "%.*s@.service", (int)(at - name), name);
}

/* A unit without a file of its own tells nothing: it is not known how it was started. */
static void read_unit(struct limits *limits, const char *name, struct place *place)
{
	char template_[UNIT_NAME_MAX];

	*place = (struct place){ .line = 0 };
	template_of(name, template_);
	if (!read_fragment(limits, name, place) &&
	    (!*template_ || !read_fragment(limits, template_, place)))
		return;
	read_drop_ins(limits, name, template_, place);
	if (!*place->file)
		*place = limits->manager;
}

static const struct place *find_unit(struct limits *limits, const char *name)
{
	struct unit_row *row;

	for (size_t i = 0; i < limits->unit_count; i++)
		if (strcmp(limits->units[i].name, name) == 0)
			return &limits->units[i].place;
	if (limits->unit_count == UNITS_MAX || strlen(name) >= UNIT_NAME_MAX)
		return NULL;
	row = &limits->units[limits->unit_count++];
	snprintf(row->name, sizeof(row->name), "%s", name);
	read_unit(limits, name, &row->place);
	return &row->place;
}

/* system.conf and its drop-ins: the manager's default for all services. */
static void read_manager(struct limits *limits)
{
	static const char *const folders[] = { "etc/systemd", "run/systemd",
					       "usr/local/lib/systemd", "usr/lib/systemd",
					       "lib/systemd" };
	static const char fact[] = "limits.systemd_default_nofile", key[] = "DefaultLimitNOFILE";
	struct ta_conf_files files = { .items = NULL };
	char path[PATH_SIZE];

	for (size_t i = 0; i < TA_ARRAY_SIZE(folders); i++) {
		snprintf(path, sizeof(path), "%s/system.conf", folders[i]);
		if (!read_file(limits, path, fact))
			continue;
		take_limit(limits, "Manager", key, path, "systemd default", &limits->manager);
		break;
	}
	for (size_t i = 0; i < TA_ARRAY_SIZE(folders); i++)
		add_folder(limits, &files, folders[i], "system.conf");
	ta_conf_files_sort(&files);
	for (size_t i = 0; i < files.count; i++)
		if (!files.items[i].masked_by && read_file(limits, files.items[i].path, fact))
			take_limit(limits, "Manager", key, files.items[i].path, "systemd default",
				   &limits->manager);
	ta_conf_files_done(&files);
}

/* ---- limits.conf ---- */

static const char limits_conf[] = "etc/security/limits.conf";

static const char *pam_path(const struct limits *limits, const struct pam_row *row)
{
	return row->file < limits->pam_files.count ? limits->pam_files.items[row->file].path
						   : limits_conf;
}

static void read_pam_file(struct limits *limits, const char *path, size_t file)
{
	const char *at, *line;
	size_t left, len;
	unsigned number = 1;
	struct ta_pam_line parsed;

	if (!read_file(limits, path, "limits.pam"))
		return;
	at = ta_buf_cstr(&limits->buf);
	left = limits->buf.len;
	for (; ta_next_line(&at, &left, &line, &len); number++) {
		if (!ta_pam_parse_line(line, len, &parsed))
			continue;
		if (limits->pam_count == PAM_LINES_MAX) {
			limits->pam_cut = true;
			return;
		}
		limits->pam[limits->pam_count++] = (struct pam_row){ parsed, file, number };
	}
}

static void read_pam(struct limits *limits)
{
	struct ta_conf_files *files = &limits->pam_files;

	ta_conf_files_add(files, limits->root, "etc/security/limits.d");
	ta_conf_files_sort(files);
	read_pam_file(limits, limits_conf, files->count);
	for (size_t i = 0; i < files->count; i++)
		read_pam_file(limits, files->items[i].path, i);
	limits->passwd_known =
		limits->pam_count && !ta_conf_read(limits->root, "etc/passwd", &limits->passwd);
	limits->group_known =
		limits->pam_count && !ta_conf_read(limits->root, "etc/group", &limits->group);
}

/* ---- what limits.conf gives to a user ---- */

/* The soft or the hard limit: the strongest line of all that match, of equals the last. */
struct pam_choice {
	enum ta_pam_match match;
	const struct pam_row *row;
};

static bool choose(struct pam_choice *choice, const struct pam_row *row, enum ta_pam_match match)
{
	if (match < choice->match)
		return false;
	*choice = (struct pam_choice){ match, row };
	return true;
}

/* false: nothing is set, or it can't be told. A line that may be for the user spoils what weaker
 * lines say, and is as good as any. */
static bool choose_lines(const struct limits *limits, const struct ta_pam_user *user,
			 struct pam_choice *soft, struct pam_choice *hard)
{
	bool unsure = false;

	for (size_t i = 0; i < limits->pam_count; i++) {
		const struct pam_row *row = &limits->pam[i];
		enum ta_pam_match match;

		if (row->parsed.item == TA_PAM_NPROC)
			continue;
		match = ta_pam_matches(&row->parsed, user);
		unsure |= match == TA_PAM_UNSURE;
		if (match == TA_PAM_NO || match == TA_PAM_UNSURE)
			continue;
		if (row->parsed.item == TA_PAM_NO_LIMITS)
			return false;
		/* a line for both that is too weak for the soft one is not asked for the hard one
		 */
		if (row->parsed.soft && !choose(soft, row, match))
			continue;
		if (row->parsed.hard)
			choose(hard, row, match);
	}
	if (unsure && hard->match != TA_PAM_USER)
		hard->row = NULL;
	return soft->row && (!unsure || soft->match == TA_PAM_USER);
}

/* A soft limit above the hard one is cut to it; without a hard one the session's own stands, which
 * is not known here. */
static bool pam_limit(const struct limits *limits, const struct ta_pam_user *user,
		      struct place *ret)
{
	struct pam_choice soft = { TA_PAM_NO, NULL }, hard = { TA_PAM_NO, NULL };

	if (!choose_lines(limits, user, &soft, &hard))
		return false;
	*ret = (struct place){ .line = soft.row->line, .via = "limits.conf" };
	ret->limit.soft = soft.row->parsed.value;
	ret->limit.hard = hard.row ? hard.row->parsed.value : 0;
	if (hard.row && ret->limit.soft > ret->limit.hard)
		ret->limit.soft = ret->limit.hard;
	snprintf(ret->file, sizeof(ret->file), "%s", pam_path(limits, soft.row));
	return true;
}

static bool find_pam_limit(struct limits *limits, uint32_t uid, struct place *ret)
{
	ta_auto(ta_buf_done) struct ta_buf name = TA_BUF_INIT(256);
	ta_auto(ta_buf_done) struct ta_buf groups = TA_BUF_INIT(65536);
	struct ta_pam_user user = { .uid = uid };
	bool found = false;
	uint32_t gid;

	if (limits->passwd_known && ta_users_find(&limits->passwd, uid, &name, &gid)) {
		user.name = ta_buf_cstr(&name);
		if (limits->group_known) {
			ta_users_find_groups(&limits->group, user.name, gid, &groups);
			user.groups = groups.failed ? NULL : ta_buf_cstr(&groups);
		}
	}
	if (!name.failed)
		found = pam_limit(limits, &user, ret);
	return found;
}

/* ---- the document ---- */

static void build_file(struct ta_builder *builder, json_t *object, const char *path, unsigned line)
{
	ta_conf_build_path(builder, object, "file", path);
	ta_build_uint(builder, object, "line", line);
}

/* Infinity is as much as the kernel allows. */
static void build_limit(const struct limits *limits, json_t *object, const char *name,
			uint64_t limit)
{
	if (limit == UINT64_MAX)
		limit = limits->nr_open;
	if (limit)
		ta_build_uint(limits->builder, object, name, limit);
}

static json_t *build_place(const struct limits *limits, json_t *object, const char *name,
			   const struct place *place)
{
	json_t *row = ta_build_object(limits->builder, object, name);

	build_limit(limits, row, "soft", place->limit.soft);
	build_limit(limits, row, "hard", place->limit.hard);
	build_file(limits->builder, row, place->file, place->line);
	return row;
}

static void build_pam(const struct limits *limits, json_t *object)
{
	struct ta_builder *builder = limits->builder;
	json_t *array = ta_build_array(builder, object, "pam");

	for (size_t i = 0; i < limits->pam_count; i++) {
		const struct pam_row *row = &limits->pam[i];
		const struct ta_pam_line *line = &row->parsed;
		json_t *json;

		if (line->item == TA_PAM_NO_LIMITS)
			continue;
		json = ta_build_row(builder, array);
		ta_build_text(builder, json, "domain", line->domain);
		ta_build_text(builder, json, "type",
			      line->soft && line->hard ? "both"
			      : line->soft             ? "soft"
						       : "hard");
		ta_build_text(builder, json, "item",
			      line->item == TA_PAM_NPROC ? "nproc" : "nofile");
		if (line->value != UINT64_MAX)
			ta_build_uint(builder, json, "value", line->value);
		build_file(builder, json, pam_path(limits, row), row->line);
	}
}

/* Of the sessions of a user's own manager its units count, too, which are not looked at. */
static bool is_login(const char *kind, const char *unit)
{
	return strcmp(kind, "session") == 0 && strncmp(unit, "session-", 8) == 0;
}

static void build_process(struct limits *limits, json_t *row)
{
	const char *kind = ta_json_text(row, "kind"), *unit = ta_json_text(row, "unit");
	const json_t *uid = json_object_get(row, "uid");
	const struct place *place = NULL;
	struct place of_pam;
	bool known = false;

	if (strcmp(kind, "container") == 0)
		return;
	if (uid)
		known = find_pam_limit(limits, (uint32_t)json_integer_value(uid), &of_pam);
	if (known)
		build_place(limits, row, "limits_conf_nofile", &of_pam);
	if (known && is_login(kind, unit))
		place = &of_pam;
	if (strcmp(kind, "service") == 0 && *unit)
		place = find_unit(limits, unit);
	if (place && *place->file)
		ta_build_text(limits->builder, build_place(limits, row, "configured_nofile", place),
			      "via", place->via);
}

static void build_bounds(const struct limits *limits)
{
	char what[80];

	if (limits->pam_cut || limits->pam_files.cut)
		ta_build_gap(limits->builder, N_("some lines of limits.conf"),
			     N_("there are more than 1000, or more than 300 files"), "limits.pam",
			     NULL);
	if (limits->unread <= GAPS_MAX)
		return;
	snprintf(what, sizeof(what), "%zu more files with limits", limits->unread - GAPS_MAX);
	ta_build_gap(limits->builder, what, N_("they can't be read"), "limits", of_units, NULL);
}

static bool allocate(struct limits *limits)
{
	limits->units = calloc(UNITS_MAX, sizeof(*limits->units));
	limits->pam = calloc(PAM_LINES_MAX, sizeof(*limits->pam));
	return limits->units && limits->pam;
}

static void done(struct limits *limits)
{
	free(limits->units);
	free(limits->pam);
	ta_conf_files_done(&limits->pam_files);
	ta_buf_done(&limits->passwd);
	ta_buf_done(&limits->group);
	ta_buf_done(&limits->buf);
}

static void build(struct limits *limits)
{
	json_t *object = ta_build_object(limits->builder, limits->builder->root, "limits");
	size_t i;
	json_t *row;
	int64_t nr_open;

	if (!ta_root_read_number(limits->root, "sys/fs/nr_open", 0, &limits->buf, &nr_open))
		limits->nr_open = (uint64_t)nr_open;
	find_folders(limits);
	read_manager(limits);
	read_pam(limits);
	build_pam(limits, object);
	if (*limits->manager.file)
		build_place(limits, object, "systemd_default_nofile", &limits->manager);
	json_array_foreach (json_object_get(limits->builder->root, "processes"), i, row)
		build_process(limits, row);
	build_bounds(limits);
	if (limits->pam_files.no_memory)
		limits->builder->failed = true;
}

void ta_limits_build(const struct ta_root *root, struct ta_builder *builder)
{
	struct limits limits = {
		.root = root,
		.builder = builder,
		.buf = TA_BUF_INIT(TA_CONF_FILE_CAP),
		.passwd = TA_BUF_INIT(PASSWD_CAP),
		.group = TA_BUF_INIT(PASSWD_CAP),
	};

	if (!ta_root_exists(root, "etc"))
		ta_build_gap(builder, N_("configured limits"), N_("there is no /etc"), "limits",
			     "processes[].configured_nofile", NULL);
	else if (allocate(&limits))
		build(&limits);
	else
		builder->failed = true;
	done(&limits);
}

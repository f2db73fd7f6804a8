/* redact_name.c - see redact_name.h. */
#include "snapshot/redact_name.h"

#include <string.h>

#include "base/macros.h"
#include "base/text.h"
#include "snapshot/redact_text.h"

enum {
	COMM_MAX = 15, /* bytes of a command name: TASK_COMM_LEN without its NUL */
	ID_SHORT = 12, /* digits of a container's id as engines show it; enough to know it by */
	UUID_LEN = 36,
	NAME_CAP = 1 << 26 /* bytes of a name that is put into lower case: of any */
};

static const struct ta_slice no_ending = { "", 0 };

static void add(struct ta_buf *out, struct ta_slice text)
{
	ta_buf_add(out, text.data, text.len);
}

/* Where c is first; the length of the text when it has none. */
static size_t find(struct ta_slice text, char c)
{
	const char *at = text.len ? memchr(text.data, c, text.len) : NULL;

	return at ? (size_t)(at - text.data) : text.len;
}

static bool is_hex(char c)
{
	return ta_is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

/* Whether a name stays as it is: it is public, or none. */
static bool may_stay(const struct ta_redaction *redaction, struct ta_slice name)
{
	return !ta_pseudonym_is_due(name) || ta_public_has(redaction->names.public, name);
}

static void lower(struct ta_buf *out, struct ta_slice text)
{
	for (size_t i = 0; i < text.len; i++)
		ta_buf_char(out, text.data[i] >= 'A' && text.data[i] <= 'Z'
					 ? (char)(text.data[i] - 'A' + 'a')
					 : text.data[i]);
}

/* The pseudonym of a name that is neither public nor none. */
static void add_name(struct ta_redaction *redaction, struct ta_slice name, const char *base,
		     struct ta_slice ending, struct ta_buf *out)
{
	if (may_stay(redaction, name))
		add(out, name);
	else
		ta_buf_str(out, ta_pseudonym(&redaction->names, name, base, ending));
}

/* ---- ids ---- */

size_t ta_redact_uuid_scan(struct ta_slice text)
{
	static const char form[] = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";

	if (text.len < UUID_LEN ||
	    (text.len > UUID_LEN && ta_text_is_word_byte(text.data[UUID_LEN])))
		return 0;
	for (size_t i = 0; i < UUID_LEN; i++)
		if (form[i] == 'x' ? !is_hex(text.data[i])
				   : text.data[i] != '-' && text.data[i] != '_')
			return 0;
	return UUID_LEN;
}

/* Digits and letters both: what has no letter is a number, what has no digit a word. */
size_t ta_redact_id_scan(struct ta_slice text)
{
	bool digit = false, letter = false;
	size_t len = 0;

	for (; len < text.len && is_hex(text.data[len]); len++) {
		digit |= ta_is_digit(text.data[len]);
		letter |= !ta_is_digit(text.data[len]);
	}
	if (len < text.len && ta_text_is_word_byte(text.data[len]))
		return 0;
	return digit && letter && len >= ID_SHORT ? len : 0;
}

void ta_redact_uuid(struct ta_redaction *redaction, struct ta_slice name, struct ta_buf *out)
{
	ta_auto(ta_buf_done) struct ta_buf key = TA_BUF_INIT(NAME_CAP);

	lower(&key, name);
	for (size_t i = 0; i < key.len; i++)
		if (key.data[i] == '_')
			key.data[i] = '-'; /* as systemd writes them in the names of slices */
	if (name.len)
		ta_buf_str(out, ta_pseudonym_uuid(&redaction->names, ta_slice(key.data, key.len)));
}

static void add_id(struct ta_redaction *redaction, struct ta_slice id, struct ta_buf *out)
{
	if (ta_redact_uuid_scan(id) == id.len)
		ta_redact_uuid(redaction, id, out);
	else if (ta_redact_id_scan(id) == id.len)
		ta_buf_str(out, ta_pseudonym(&redaction->names, ta_slice_until(id, ID_SHORT),
					     "container", no_ending));
	else
		add_name(redaction, id, "container", no_ending, out);
}

void ta_redact_container(struct ta_redaction *redaction, struct ta_slice name, struct ta_buf *out)
{
	size_t engine = find(name, ':');

	if (engine < name.len &&
	    ta_public_has(redaction->names.public, ta_slice_until(name, engine))) {
		add(out, ta_slice_until(name, engine + 1));
		name = ta_slice_from(name, engine + 1);
	}
	if (name.len)
		add_id(redaction, name, out);
}

/* ---- names ---- */

void ta_redact_host(struct ta_redaction *redaction, struct ta_slice name, struct ta_buf *out)
{
	ta_auto(ta_buf_done) struct ta_buf key = TA_BUF_INIT(NAME_CAP);
	struct ta_slice whole, first;
	const char *pseudonym;

	lower(&key, name);
	whole = ta_slice(ta_buf_cstr(&key), key.len);
	first = ta_slice_until(whole, find(whole, '.'));
	if (!ta_pseudonym_is_due(whole) || ta_slice_equals(first, "localhost")) {
		add(out, name);
		return;
	}
	pseudonym = ta_pseudonym(&redaction->names, whole, "host", no_ending);
	ta_pseudonym_alias(&redaction->names, name, pseudonym);
	if (first.len && !ta_public_has(redaction->names.public, first))
		ta_pseudonym_alias(&redaction->names, first, pseudonym);
	ta_buf_str(out, pseudonym);
}

void ta_redact_user(struct ta_redaction *redaction, struct ta_slice name, struct ta_buf *out)
{
	if (ta_slice_begins(name, "@") || ta_slice_begins(name, "%")) {
		ta_buf_char(out, name.data[0]);
		name = ta_slice_from(name, 1);
	}
	add_name(redaction, name, "user", no_ending, out);
}

/* Rules take a process and the program of a log line for one when the name of the process is the
 * beginning of the other, cut by the kernel: so both get one pseudonym. */
void ta_redact_process(struct ta_redaction *redaction, struct ta_slice name, struct ta_buf *out)
{
	struct ta_slice comm = ta_slice_until(name, ta_utf8_cut(name.data, name.len, COMM_MAX));
	const char *pseudonym;

	if (may_stay(redaction, name)) {
		add(out, name);
		return;
	}
	pseudonym = ta_pseudonym(&redaction->names, comm, "process", no_ending);
	ta_pseudonym_alias(&redaction->names, name, pseudonym);
	ta_buf_str(out, pseudonym);
}

void ta_redact_profile(struct ta_redaction *redaction, struct ta_slice name, struct ta_buf *out)
{
	add_name(redaction, name, "profile", no_ending, out);
}

/* "docker-3f2a…": the id of a container behind what makes the group. */
static bool add_scope(struct ta_redaction *redaction, struct ta_slice stem, struct ta_buf *out)
{
	size_t maker = stem.len;

	while (maker && stem.data[maker - 1] != '-')
		maker--;
	if (!maker || !ta_public_has(redaction->names.public, ta_slice_until(stem, maker - 1)) ||
	    ta_redact_id_scan(ta_slice_from(stem, maker)) != stem.len - maker)
		return false;
	add(out, ta_slice_until(stem, maker));
	add_id(redaction, ta_slice_from(stem, maker), out);
	return true;
}

/* "postgresql@15-main": whose instance it is may be a secret. */
static bool add_instance(struct ta_redaction *redaction, struct ta_slice stem, struct ta_buf *out)
{
	size_t at = find(stem, '@');

	if (at == stem.len || !ta_public_has(redaction->names.public, ta_slice_until(stem, at)))
		return false;
	add(out, ta_slice_until(stem, at + 1));
	add_name(redaction, ta_slice_from(stem, at + 1), "instance", no_ending, out);
	return true;
}

void ta_redact_unit(struct ta_redaction *redaction, struct ta_slice name, struct ta_buf *out)
{
	struct ta_slice ending = ta_public_unit_ending(redaction->names.public, name);
	struct ta_slice stem = ta_slice_until(name, name.len - ending.len);

	if (may_stay(redaction, stem) || ta_public_has(redaction->names.public, name))
		add(out, name);
	else if (add_scope(redaction, stem, out) || add_instance(redaction, stem, out))
		add(out, ending);
	else
		ta_buf_str(out, ta_pseudonym(&redaction->names, name, "unit", ending));
}

/* ---- interfaces and the keys that hold them ---- */

/* "eth0", "enp3s0f1", "bond0.100": numbers of slots and VLANs behind what drivers call them. */
static bool is_plain_interface(struct ta_slice name, size_t prefix)
{
	for (size_t i = prefix; i < name.len; i++)
		if (!ta_is_digit(name.data[i]) && !strchr(".:@psfndv", name.data[i]))
			return false;
	return prefix && name.len;
}

void ta_redact_interface(struct ta_redaction *redaction, struct ta_slice name, struct ta_buf *out)
{
	size_t prefix = ta_public_interface(redaction->names.public, name);
	char base[32] = "interface";

	if (is_plain_interface(name, prefix)) {
		add(out, name);
		return;
	}
	if (prefix && prefix < sizeof(base)) {
		memcpy(base, name.data, prefix);
		base[prefix] = '\0';
	}
	add_name(redaction, name, base, no_ending, out);
}

/* net.ipv4.conf.NAME.rp_filter, net/ipv6/neigh/NAME/gc_stale_time: a dot in the name is written as
 * the other of the two. */
void ta_redact_key(struct ta_redaction *redaction, struct ta_slice key, struct ta_buf *out)
{
	static const char *const families[] = { "net?ipv4?conf?", "net?ipv6?conf?",
						"net?ipv4?neigh?", "net?ipv6?neigh?" };
	char separator = find(key, '/') < find(key, '.') ? '/' : '.';

	for (size_t i = 0; i < TA_ARRAY_SIZE(families); i++) {
		size_t len = strlen(families[i]), end;
		size_t n = 0;

		while (n < len && n < key.len &&
		       (families[i][n] == '?' ? separator : families[i][n]) == key.data[n])
			n++;
		if (n < len)
			continue;
		add(out, ta_slice_until(key, len));
		end = find(ta_slice_from(key, len), separator);
		ta_redact_interface(redaction, ta_slice(key.data + len, end), out);
		add(out, ta_slice_from(key, len + end));
		return;
	}
	add(out, key);
}

/* ---- paths ---- */

/* "99-billing.conf": its place in the order and what it is stay. */
static void add_file(struct ta_redaction *redaction, struct ta_slice name, struct ta_buf *out)
{
	const char *known = ta_pseudonym_find(&redaction->names, name);
	struct ta_slice ending = ta_public_file_ending(redaction->names.public, name);
	size_t digits = 0;

	while (digits < name.len && ta_is_digit(name.data[digits]))
		digits++;
	if (known) {
		ta_buf_str(out, known);
		return;
	}
	if (digits && digits < name.len && name.data[digits] == '-') {
		add(out, ta_slice_until(name, digits + 1));
		name = ta_slice_from(name, digits + 1);
	}
	add_name(redaction, name, "file", ending, out);
}

static bool is_home(struct ta_slice folder)
{
	return ta_slice_equals(folder, "home") || ta_slice_equals(folder, "Users");
}

static void add_component(struct ta_redaction *redaction, struct ta_slice name,
			  struct ta_slice before, struct ta_buf *out)
{
	const struct ta_public *public = redaction->names.public;

	if (may_stay(redaction, name))
		add(out, name);
	else if (is_home(before))
		ta_redact_user(redaction, name, out);
	else if (name.len > 2 &&
		 ta_public_unit_ending(public, ta_slice_until(name, name.len - 2)).len &&
		 memcmp(name.data + name.len - 2, ".d", 2) == 0) {
		ta_redact_unit(redaction, ta_slice_until(name, name.len - 2), out);
		ta_buf_str(out, ".d");
	} else if (ta_public_unit_ending(public, name).len)
		ta_redact_unit(redaction, name, out);
	else if (ta_redact_uuid_scan(name) == name.len || ta_redact_id_scan(name) == name.len)
		add_id(redaction, name, out);
	else
		add_file(redaction, name, out);
}

/* Each component for itself. */
static void add_components(struct ta_redaction *redaction, struct ta_slice path, struct ta_buf *out)
{
	struct ta_slice name = { "", 0 }, before;
	size_t at = 0;

	for (;;) {
		before = name;
		name = ta_slice(path.data + at, find(ta_slice_from(path, at), '/'));
		add_component(redaction, name, before, out);
		at += name.len;
		if (at == path.len)
			return;
		ta_buf_char(out, path.data[at++]);
	}
}

/* The kernel made all names of /proc but those below these folders. */
static const struct {
	const char *folder;
	ta_redact_part *part;
} proc_folders[] = {
	{ "sys", ta_redact_key },
	{ "root", add_components }, /* of a process, as are the next two */
	{ "cwd", add_components },
	{ "fd", add_components },
	{ "irq", add_components }, /* drivers call a handler after its interface */
	{ "xt_recent", add_components },
	{ "ipt_hashlimit", add_components },
	{ "ip6t_hashlimit", add_components },
	{ "bonding", ta_redact_interface },
	{ "dev_snmp6", ta_redact_interface },
	{ "pktgen", ta_redact_interface },
	{ "vlan", ta_redact_interface },
};

/* How to redact what is in the folder; NULL when nothing is to be. */
static ta_redact_part *part_of_folder(struct ta_slice folder)
{
	for (size_t i = 0; i < TA_ARRAY_SIZE(proc_folders); i++)
		if (ta_slice_equals(folder, proc_folders[i].folder))
			return proc_folders[i].part;
	return NULL;
}

static void add_proc_path(struct ta_redaction *redaction, struct ta_slice path, struct ta_buf *out)
{
	size_t at = 0, end = find(path, '/');
	ta_redact_part *part = NULL;

	while (!part && end < path.len) {
		part = part_of_folder(ta_slice(path.data + at, end - at));
		at = end + 1;
		end = at + find(ta_slice_from(path, at), '/');
	}
	if (!part)
		at = path.len;
	add(out, ta_slice_until(path, at));
	if (part)
		part(redaction, ta_slice_from(path, at), out);
}

/* Whether it has ".." as a component, and so leads to where its begin does not say. */
static bool leads_out(struct ta_slice path)
{
	return memmem(path.data, path.len, "/../", 4);
}

void ta_redact_path(struct ta_redaction *redaction, struct ta_slice path, struct ta_buf *out)
{
	if (ta_slice_begins(path, "/proc/") && !leads_out(path))
		add_proc_path(redaction, path, out);
	else
		add_components(redaction, path, out);
}

/* ---- network namespaces ---- */

/* Length of the name before "#INODE" or "[PID]". */
static size_t bare_len(struct ta_slice name)
{
	size_t len = name.len;

	if (len && name.data[len - 1] == ']')
		len--;
	while (len && ta_is_digit(name.data[len - 1]))
		len--;
	return len > 1 && len < name.len && (name.data[len - 1] == '#' || name.data[len - 1] == '[')
		       ? len - 1
		       : name.len;
}

static void add_bare(struct ta_redaction *redaction, struct ta_slice name, bool is_process,
		     struct ta_buf *out)
{
	const struct ta_public *public = redaction->names.public;
	size_t colon = find(name, ':');

	if (ta_slice_begins(name, "pod:")) {
		ta_buf_str(out, "pod:");
		ta_redact_uuid(redaction, ta_slice_from(name, 4), out);
	} else if (colon < name.len && ta_public_has(public, ta_slice_until(name, colon))) {
		ta_redact_container(redaction, name, out);
	} else if (ta_public_unit_ending(public, name).len) {
		ta_redact_unit(redaction, name, out);
	} else if (is_process) {
		ta_redact_process(redaction, name, out);
	} else {
		add_name(redaction, name, "namespace", no_ending, out);
	}
}

void ta_redact_namespace(struct ta_redaction *redaction, struct ta_slice name, struct ta_buf *out)
{
	size_t bare = bare_len(name);

	if (ta_slice_begins(name, "/")) {
		ta_redact_path(redaction, name, out);
		return;
	}
	add_bare(redaction, ta_slice_until(name, bare), bare < name.len && name.data[bare] == '[',
		 out);
	add(out, ta_slice_from(name, bare));
}

/* ---- addresses ---- */

/* Length of "NAME" in "NAME:PORT"; the whole when it has no port. */
static size_t without_port(struct ta_slice text)
{
	size_t len = text.len;

	while (len && (ta_is_digit(text.data[len - 1]) || text.data[len - 1] == '*'))
		len--;
	return len > 1 && len < text.len && text.data[len - 1] == ':' ? len - 1 : text.len;
}

static bool is_of_host(char c)
{
	return ta_text_is_word_byte(c) || c == '-' || c == '.';
}

static bool looks_like_host(struct ta_slice text)
{
	for (size_t i = 0; i < text.len; i++)
		if (!is_of_host(text.data[i]))
			return false;
	return text.len;
}

void ta_redact_address(struct ta_redaction *redaction, struct ta_slice text, struct ta_buf *out)
{
	size_t bracket = ta_slice_begins(text, "["), len = without_port(text);
	struct ta_address address;
	size_t scanned = ta_address_scan(ta_slice_from(text, bracket), &address);

	if (ta_slice_begins(text, "/")) {
		ta_redact_path(redaction, text, out);
	} else if (scanned) {
		add(out, ta_slice_until(text, bracket));
		ta_address_book_add(&redaction->addresses, &address, out);
		ta_redact_text(redaction, ta_slice_from(text, bracket + scanned), out);
	} else if (looks_like_host(ta_slice_until(text, len))) {
		ta_redact_host(redaction, ta_slice_until(text, len), out);
		add(out, ta_slice_from(text, len));
	} else {
		ta_redact_text(redaction, text, out);
	}
}

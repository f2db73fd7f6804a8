/* log_head.c - see log_head.h.
 *
 * Heads are made of parts that come in any order and number: a container's name by the engine, a
 * stamp by the journal, another by the program, its level, its process id. So parts are taken off
 * the front, one after another, as long as one is known. */
#include "import/readers/log_head.h"

#include "base/macros.h"
#include "base/number.h"
#include "import/line.h"
#include "import/readers/scan.h"

enum {
	PARTS_MAX = 16,
	BRACKET_MAX = 64, /* bytes in "[pid 35708:tid 4328636416]" and the like */
	WORD_MAX = 64,    /* a host, a tag, a container */
};

/* What is left of the line, and what its head told. */
struct head {
	struct ta_slice at;
	struct ta_log_head found;
};

static void skip(struct head *head, size_t len)
{
	head->at = ta_slice_from(head->at, len);
}

static void skip_blanks(struct head *head)
{
	skip(head, ta_slice_run(head->at, 0, ta_is_blank));
}

/* ---- stamps ---- */

static const char *const months[] = { "Jan", "Feb", "Mar", "Apr", "May", "Jun",
				      "Jul", "Aug", "Sep", "Oct", "Nov", "Dec" };
static const char *const days[] = { "Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun" };

/* 9: a number; M: a month; D: a day of the week; a blank: blanks. */
static const struct stamp {
	const char *form;
	bool syslog; /* what follows may be a host and a tag */
} stamps[] = {
	{ "D M 9 9:9:9", true },  { "M 9 9 9:9:9", true },  { "M 9, 9 9:9:9", false },
	{ "M 9 9:9:9", true },    { "9-9-9T9:9:9", true },  { "9-9-9 9:9:9", false },
	{ "9/9/9 9:9:9", false }, { "9-M-9 9:9:9", false }, { "9 M 9 9:9:9", false },
	{ "9 M 9:9:9", false },   { "9/M/9:9:9:9", false }, { "9:9:9", false },
};

static bool is_upper(char c)
{
	return c >= 'A' && c <= 'Z';
}

static size_t name_length(struct ta_slice text, const char *const names[], size_t count)
{
	for (size_t i = 0; is_upper(ta_slice_at(text, 0)) && i < count; i++)
		if (ta_slice_begins(text, names[i]))
			return strlen(names[i]);
	return 0;
}

/* How much of the text one sign of a form takes; 0: it is not there. */
static size_t sign_length(struct ta_slice text, char sign)
{
	switch (sign) {
	case '9':
		return ta_slice_run(text, 0, ta_is_digit);
	case 'M':
		return name_length(text, months, TA_ARRAY_SIZE(months));
	case 'D':
		return name_length(text, days, TA_ARRAY_SIZE(days));
	case ' ':
		return ta_slice_run(text, 0, ta_is_blank);
	default:
		return ta_slice_at(text, 0) == sign ? 1 : 0;
	}
}

static size_t form_length(struct ta_slice text, const char *form)
{
	size_t at = 0;

	for (; *form; form++) {
		size_t len = sign_length(ta_slice_from(text, at), *form);

		if (!len)
			return 0;
		at += len;
	}
	return at;
}

/* "Z", "+02:00", " +0000", " UTC", " CEST": letters only where no level looks like them. */
static size_t zone_length(struct ta_slice text)
{
	size_t blank = ta_slice_at(text, 0) == ' ' ? 1 : 0, letters;
	char sign = ta_slice_at(text, blank);

	if (sign == '+' || sign == '-') {
		size_t digits = form_length(ta_slice_from(text, blank + 1), "9:9");

		if (!digits)
			digits = ta_slice_run(text, blank + 1, ta_is_digit);
		return digits ? blank + 1 + digits : 0;
	}
	if (!blank)
		return sign == 'Z' ? 1 : 0;
	letters = ta_slice_run(text, 1, is_upper);
	if (letters < 3 || letters > 4 || ta_slice_begins(ta_slice_from(text, 1), "CRIT"))
		return 0;
	return ta_slice_at(text, letters) == 'T' || ta_slice_begins(ta_slice_from(text, 1), "UTC")
		       ? 1 + letters
		       : 0;
}

/* Behind the seconds: a fraction, a half of the day, a zone, a year. */
static size_t stamp_tail(struct ta_slice text)
{
	size_t at = 0;
	size_t year;

	if (ta_slice_at(text, 0) == '.' || ta_slice_at(text, 0) == ',')
		at = 1 + ta_slice_run(text, 1, ta_is_digit);
	if (ta_slice_begins(ta_slice_from(text, at), " AM") ||
	    ta_slice_begins(ta_slice_from(text, at), " PM"))
		at += 3;
	at += zone_length(ta_slice_from(text, at));
	year = form_length(ta_slice_from(text, at), " 9");
	return year == 5 ? at + year : at;
}

static size_t stamp_length(struct ta_slice text, const struct stamp **ret)
{
	for (size_t i = 0; i < TA_ARRAY_SIZE(stamps); i++) {
		size_t len = form_length(text, stamps[i].form);

		if (len) {
			*ret = &stamps[i];
			return len + stamp_tail(ta_slice_from(text, len));
		}
	}
	return 0;
}

/* ---- levels ---- */

static const char *const levels[] = { "emerg",  "emergency", "alert",   "crit",  "critical",
				      "err",    "error",     "warning", "warn",  "notice",
				      "info",   "debug",     "trace",   "fatal", "panic",
				      "severe", "log",       "stderr",  "stdout" };

static bool is_level(struct ta_slice word)
{
	for (size_t i = 0; i < TA_ARRAY_SIZE(levels); i++)
		if (ta_slice_equals_fold(word, levels[i]))
			return true;
	return false;
}

/* "ERROR", "Warning:": in small letters it may be the beginning of the message. */
static bool take_level(struct head *head)
{
	struct ta_slice rest = head->at, word = ta_slice_cut(&rest, ' ');

	if (!rest.len || !word.len || !is_upper(word.data[0]))
		return false;
	if (word.data[word.len - 1] == ':')
		word.len--;
	if (!is_level(word))
		return false;
	head->at = rest;
	return true;
}

/* ---- tags ---- */

static bool is_host(char c)
{
	return ta_text_is_word_byte(c) || c == '.' || c == '-' || c == ':';
}

static bool is_tag(char c)
{
	return ta_text_is_word_byte(c) || c == '.' || c == '-' || c == '/' || c == '@';
}

/* "nginx[123]: ", "kernel: ": its length with the colon; the name without the path. */
static size_t tag_length(struct ta_slice text, struct ta_slice *ret_name)
{
	size_t len = ta_slice_run(text, 0, is_tag), at = len;
	struct ta_slice name = ta_slice_until(text, len);
	const char *slash;

	if (!len || len > WORD_MAX || is_level(name))
		return 0;
	if (ta_slice_at(text, at) == '[') {
		size_t digits = ta_slice_run(text, at + 1, ta_is_digit);

		if (!digits || ta_slice_at(text, at + 1 + digits) != ']')
			return 0;
		at += digits + 2;
	}
	if (ta_slice_at(text, at) != ':' ||
	    (at + 1 < text.len && !ta_is_blank(ta_slice_at(text, at + 1))))
		return 0;
	slash = memrchr(name.data, '/', name.len);
	*ret_name = slash ? ta_slice_from(name, (size_t)(slash + 1 - name.data)) : name;
	return ret_name->len ? at + 1 : 0;
}

static void speaks(struct head *head, struct ta_slice name)
{
	bool kernel = ta_slice_equals(name, "kernel");

	head->found.speaker = kernel ? TA_LOG_KERNEL : TA_LOG_PROGRAM;
	head->found.program = kernel ? ta_slice(NULL, 0) : name;
}

/* "HOST TAG: ", as syslog and the journal have it behind the stamp. */
static void take_host_and_tag(struct head *head)
{
	size_t host = ta_slice_run(head->at, 0, is_host), tag;
	struct ta_slice name;

	if (!host || host > WORD_MAX || ta_slice_at(head->at, host - 1) == ':' ||
	    is_level(ta_slice_until(head->at, host)) || !ta_is_blank(ta_slice_at(head->at, host)))
		return;
	tag = tag_length(ta_slice_from(head->at, host + 1), &name);
	if (!tag)
		return;
	speaks(head, name);
	skip(head, host + 1 + tag);
}

/* ---- parts ---- */

static bool take_stamp(struct head *head)
{
	const struct stamp *stamp;
	size_t len = stamp_length(head->at, &stamp);
	char next = ta_slice_at(head->at, len);

	if (!len || !(ta_is_blank(next) || next == ':') || len + 1 >= head->at.len)
		return false;
	skip(head, len + 1);
	skip_blanks(head);
	head->found.stamped = true;
	if (stamp->syslog && head->found.speaker == TA_LOG_ANYONE)
		take_host_and_tag(head);
	return true;
}

/* "kernel: " at the very beginning, as people cut it out of syslog. */
static bool take_kernel(struct head *head)
{
	if (head->found.speaker != TA_LOG_ANYONE || !ta_slice_begins(head->at, "kernel: "))
		return false;
	head->found.speaker = TA_LOG_KERNEL;
	skip(head, strlen("kernel: "));
	return true;
}

/* Of a line of the kernel's log: who wrote it there. 0 is the kernel itself, unless an earlier part
 * named a program: that one may write what it likes. */
static void of_facility(struct head *head, uint64_t facility)
{
	if (head->found.speaker == TA_LOG_ANYONE)
		head->found.speaker = facility ? TA_LOG_PROGRAM : TA_LOG_KERNEL;
}

/* "1 2025-10-09T08:53:20Z HOST APP PROCID MSGID SD ", RFC 5424 behind its priority. */
static void take_rfc5424(struct head *head)
{
	struct ta_slice rest = head->at, app;

	if (!form_length(rest, "9 9-9-9T9:9:9"))
		return;
	for (int field = 0; field < 3; field++) /* version, stamp, host */
		(void)ta_slice_cut(&rest, ' ');
	app = ta_slice_cut(&rest, ' ');
	(void)ta_slice_cut(&rest, ' '); /* PROCID */
	(void)ta_slice_cut(&rest, ' '); /* MSGID */
	if (ta_slice_at(rest, 0) == '[')
		(void)ta_slice_cut(&rest, ']');
	else
		(void)ta_slice_cut(&rest, ' ');
	if (!app.len || !rest.len)
		return;
	head->found.stamped = true;
	head->at = rest;
	if (!ta_slice_equals(app, "-"))
		speaks(head, app);
}

/* "<6>", from dmesg -r or a syslog packet. */
static bool take_priority(struct head *head)
{
	size_t digits = ta_slice_run(head->at, 1, ta_is_digit);
	uint64_t priority;

	if (ta_slice_at(head->at, 0) != '<' || digits > 3 ||
	    ta_slice_at(head->at, 1 + digits) != '>' ||
	    !ta_slice_u64(ta_slice(head->at.data + 1, digits), &priority))
		return false;
	of_facility(head, priority >> 3);
	skip(head, digits + 2);
	take_rfc5424(head);
	return true;
}

static const char *const facilities[] = { "kern", "user", "mail", "daemon", "auth",     "syslog",
					  "lpr",  "news", "uucp", "cron",   "authpriv", "ftp" };

/* "kern  :info  : ", from dmesg -x. */
static bool take_decoded(struct head *head)
{
	struct ta_slice rest = head->at;
	struct ta_slice facility = ta_slice_trim(ta_slice_cut(&rest, ':'));
	struct ta_slice level = ta_slice_trim(ta_slice_cut(&rest, ':'));

	if (!is_level(level) || ta_slice_at(rest, 0) != ' ')
		return false;
	for (size_t i = 0; i < TA_ARRAY_SIZE(facilities); i++)
		if (ta_slice_equals(facility, facilities[i])) {
			of_facility(head, i);
			head->at = rest;
			return true;
		}
	return false;
}

/* What is between the brackets at the front; empty when none are. */
static struct ta_slice bracketed(struct ta_slice text)
{
	struct ta_slice inner = ta_slice_from(text, 1);
	const char *end;

	if (ta_slice_at(text, 0) != '[' || !inner.len)
		return ta_slice(NULL, 0);
	end = memchr(inner.data, ']', inner.len < BRACKET_MAX ? inner.len : BRACKET_MAX);
	return ta_slice(inner.data, end ? (size_t)(end - inner.data) : 0);
}

/* "   12.345678" in full: only the kernel's log has microseconds since the boot. */
static bool is_uptime(struct ta_slice inner)
{
	size_t blanks = ta_slice_run(inner, 0, ta_is_blank);
	size_t digits = ta_slice_run(inner, blanks, ta_is_digit);
	size_t fraction = ta_slice_run(inner, blanks + digits + 1, ta_is_digit);
	size_t end = blanks + digits + 1 + fraction;

	return digits && ta_slice_at(inner, blanks + digits) == '.' && fraction == 6 &&
	       (end == inner.len || ta_slice_begins(ta_slice_from(inner, end), " <"));
}

/* "Thu Oct  9 08:53:20 2025", "Oct 9 08:53", "  +0.000123", "2025-10-09 08:53:20,123". */
static bool is_stamp(struct ta_slice inner)
{
	const struct stamp *stamp;
	struct ta_slice text = ta_slice_trim(inner);

	return text.len &&
	       (stamp_length(text, &stamp) == text.len ||
		form_length(text, "M 9 9:9") == text.len || form_length(text, "+9.9") == text.len);
}

/* "T123", "C1": the caller, where the kernel was built to tell it. */
static bool is_caller(struct ta_slice inner)
{
	struct ta_slice text = ta_slice_trim(inner);

	return text.len > 1 && (text.data[0] == 'T' || text.data[0] == 'C') &&
	       1 + ta_slice_run(text, 1, ta_is_digit) == text.len;
}

/* "1234", "error", "core:error", "pid 35708:tid 1", "client 10.0.0.1:5", "pod/web-1/app". */
static bool is_label(struct ta_slice inner)
{
	struct ta_slice module = inner, level;

	if (ta_slice_run(inner, 0, ta_is_digit) == inner.len || is_level(inner) ||
	    ta_slice_begins(inner, "pid ") || ta_slice_begins(inner, "client ") ||
	    ta_slice_begins(inner, "pod/"))
		return true;
	level = module;
	(void)ta_slice_cut(&level, ':');
	return is_level(level);
}

static bool take_bracket(struct head *head)
{
	struct ta_slice inner = bracketed(head->at);
	bool stamp = inner.len && (is_uptime(inner) || is_stamp(inner));

	if (!inner.len || !(stamp || is_caller(inner) || is_label(inner)))
		return false;
	if (is_uptime(inner) && head->found.speaker == TA_LOG_ANYONE)
		head->found.speaker = TA_LOG_KERNEL;
	head->found.stamped |= stamp;
	skip(head, inner.len + 2);
	return true;
}

/* "host kernel: " behind "[12.345678]": journalctl -o short-monotonic. */
static bool take_monotonic(struct head *head)
{
	size_t host = ta_slice_run(head->at, 0, is_host);

	if (!head->found.stamped || head->found.speaker != TA_LOG_KERNEL || !host ||
	    !ta_slice_begins(ta_slice_from(head->at, host), " kernel: "))
		return false;
	skip(head, host + strlen(" kernel: "));
	return true;
}

/* "(error) ", "<warn> ". */
static bool take_enclosed_level(struct head *head)
{
	char first = ta_slice_at(head->at, 0);
	char last = first == '(' ? ')' : '>';
	struct ta_slice rest = ta_slice_from(head->at, 1), word;

	if (first != '(' && first != '<')
		return false;
	word = ta_slice_cut(&rest, last);
	if (!is_level(word))
		return false;
	head->at = rest;
	return true;
}

static bool is_container(char c)
{
	return (c >= 'a' && c <= 'z') || ta_is_digit(c) || c == '-' || c == '_' || c == '.' ||
	       c == '/';
}

/* "web-1  | ", "pod/web-1 | ". */
static bool take_container(struct head *head)
{
	size_t name = ta_slice_run(head->at, 0, is_container);
	size_t blanks = ta_slice_run(head->at, name, ta_is_blank);

	if (!name || name > WORD_MAX || !blanks ||
	    !ta_slice_begins(ta_slice_from(head->at, name + blanks), "| "))
		return false;
	skip(head, name + blanks + 2);
	return true;
}

/* "stderr F ", between stamp and line of a container's log file. */
static bool take_cri(struct head *head)
{
	if (!head->found.stamped ||
	    !(ta_slice_begins(head->at, "stdout F ") || ta_slice_begins(head->at, "stderr F ")))
		return false;
	skip(head, strlen("stdout F "));
	return true;
}

/* "I1120 15:18:19.757786   26448 conntrack.go:52] ", of Kubernetes and others that use klog. */
static bool take_klog(struct head *head)
{
	struct ta_slice text = ta_slice_from(head->at, 1);
	size_t len = form_length(text, "9 9:9:9.9 9 ");
	const char *end;

	if (!len || !ta_is_one_of(ta_slice_at(head->at, 0), "IWEF"))
		return false;
	text = ta_slice_from(text, len);
	end = text.len ? memchr(text.data, ']', text.len) : NULL;
	if (!end || end + 1 == text.data + text.len)
		return false;
	head->at = ta_slice_from(text, (size_t)(end + 1 - text.data));
	head->found.stamped = true;
	return true;
}

static void is_of(struct head *head, const char *program)
{
	head->found.program = ta_slice(program, strlen(program));
	head->found.speaker = TA_LOG_PROGRAM;
}

/* "22#22: *32401195 ": nginx. */
static bool take_nginx(struct head *head)
{
	size_t len = form_length(head->at, "9#9: ");
	size_t connection;

	if (!len)
		return false;
	connection = form_length(ta_slice_from(head->at, len), "*9 ");
	skip(head, len + connection);
	is_of(head, "nginx");
	return true;
}

/* "45:M 16 Mar 11:02:12.945 # ": Redis and its kin. */
static bool take_redis(struct head *head)
{
	size_t pid = form_length(head->at, "9:");
	struct ta_slice rest = ta_slice_from(head->at, pid + 1);
	const struct stamp *stamp;
	size_t len;

	if (!pid || !ta_is_one_of(ta_slice_at(head->at, pid), "MSCX") ||
	    ta_slice_at(rest, 0) != ' ')
		return false;
	rest = ta_slice_from(rest, 1);
	len = stamp_length(rest, &stamp);
	if (!len || ta_slice_at(rest, len) != ' ' ||
	    !ta_is_one_of(ta_slice_at(rest, len + 1), "#*-."))
		return false;
	head->at = ta_slice_from(rest, len + 2);
	head->found.stamped = true;
	is_of(head, "redis-server");
	return true;
}

/* "(1234) : ", before 2.4 "123/102030 (1234) : ": HAProxy, behind its level. */
static bool take_haproxy(struct head *head)
{
	size_t day = form_length(head->at, "9/9 ");
	size_t len = form_length(ta_slice_from(head->at, day), "(9) : ");

	if (!len)
		return false;
	skip(head, day + len);
	is_of(head, "haproxy");
	return true;
}

static bool (*const parts[])(struct head *head) = {
	take_priority, take_decoded, take_bracket,        take_monotonic, take_redis,
	take_nginx,    take_klog,    take_stamp,          take_kernel,    take_cri,
	take_haproxy,  take_level,   take_enclosed_level, take_container,
};

static bool take_part(struct head *head)
{
	skip_blanks(head);
	for (size_t i = 0; i < TA_ARRAY_SIZE(parts); i++)
		if (head->at.len && parts[i](head))
			return true;
	return false;
}

struct ta_log_head ta_log_head(struct ta_slice text)
{
	struct head head = { .at = ta_slice_trim(text) };

	for (int taken = 0; taken < PARTS_MAX && take_part(&head); taken++)
		;
	head.found.message = ta_slice_trim(head.at);
	return head.found;
}

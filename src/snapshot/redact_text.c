/* redact_text.c - see redact_text.h.
 *
 * The text is read from left to right. At each place the forms of the table at the end are tried in
 * its order; what one of them takes is replaced as a whole, unless a known name is longer. */
#include "snapshot/redact_text.h"

#include <string.h>

#include "base/macros.h"
#include "base/text.h"

enum {
	TEXT_CAP = 1 << 24, /* bytes of what a text becomes */
	MAC_LEN = 17,
	WORD_MAX = 320, /* bytes of a word that may be a name: more than a host name has */
	LABEL_GAP = 3   /* most bytes between a label and its value: ': "' */
};

static bool is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static size_t span(struct ta_slice text, const char *bytes)
{
	size_t len = 0;

	while (len < text.len && strchr(bytes, text.data[len]))
		len++;
	return len;
}

static size_t span_without(struct ta_slice text, const char *bytes)
{
	size_t len = 0;

	while (len < text.len && !strchr(bytes, text.data[len]))
		len++;
	return len;
}

/* Length of the word of letters, digits, '_' and what else is told; 0 when it is too long. */
static size_t word_of(struct ta_slice text, const char *also)
{
	size_t len = 0;

	while (len < text.len &&
	       (ta_text_is_word_byte(text.data[len]) || strchr(also, text.data[len])))
		if (++len > WORD_MAX)
			return 0; /* no name; and a long text takes no longer than its length */
	return len;
}

/* ---- forms: each takes what stands at the begin of the text, or nothing (0) ---- */

typedef size_t form(struct ta_redaction *redaction, struct ta_slice text, struct ta_buf *out);

static size_t take_uuid(struct ta_redaction *redaction, struct ta_slice text, struct ta_buf *out)
{
	size_t len = ta_redact_uuid_scan(text);

	if (len)
		ta_redact_uuid(redaction, ta_slice(text.data, len), out);
	return len;
}

static size_t take_mac(struct ta_redaction *redaction, struct ta_slice text, struct ta_buf *out)
{
	static const char hex[] = "0123456789abcdefABCDEF";

	if (text.len < MAC_LEN ||
	    (text.len > MAC_LEN &&
	     (ta_text_is_word_byte(text.data[MAC_LEN]) || text.data[MAC_LEN] == ':')))
		return 0;
	for (size_t i = 0; i < MAC_LEN; i++)
		if (i % 3 == 2 ? text.data[i] != ':' : !strchr(hex, text.data[i]))
			return 0;
	ta_buf_str(out, ta_pseudonym(&redaction->names, ta_slice(text.data, MAC_LEN), "mac",
				     ta_slice("", 0)));
	return MAC_LEN;
}

static size_t take_address(struct ta_redaction *redaction, struct ta_slice text, struct ta_buf *out)
{
	struct ta_address address;
	size_t len = ta_address_scan(text, &address);

	if (len)
		ta_address_book_add(&redaction->addresses, &address, out);
	return len;
}

/* "://USER:PASSWORD@HOST:PORT/PATH": behind the scheme, whatever that is. */
static size_t take_url(struct ta_redaction *redaction, struct ta_slice text, struct ta_buf *out)
{
	struct ta_slice rest, authority;
	size_t at;

	if (text.len < 4 || memcmp(text.data, "://", 3) != 0)
		return 0;
	rest = ta_slice(text.data + 3, span_without(ta_slice_from(text, 3), " \t\"'<>`|,;"));
	authority = ta_slice(rest.data, span_without(rest, "/?#"));
	for (at = authority.len; at && authority.data[at - 1] != '@';)
		at--;
	ta_buf_str(out, at ? "://user@" : "://");
	ta_redact_address(redaction, ta_slice_from(authority, at), out);
	if (authority.len < rest.len)
		ta_redact_path(redaction,
			       ta_slice(rest.data + authority.len,
					span_without(ta_slice_from(rest, authority.len), "?#")),
			       out);
	return 3 + rest.len; /* what was asked for behind ? is left out */
}

static size_t take_path(struct ta_redaction *redaction, struct ta_slice text, struct ta_buf *out)
{
	size_t len = text.data[0] == '/' ? span_without(text, " \t\"'<>`|,;:()[]{}=") : 0;

	while (len && text.data[len - 1] == '.')
		len--; /* the end of a sentence */
	if (len < 2)
		return 0;
	ta_redact_path(redaction, ta_slice(text.data, len), out);
	return len;
}

/* ---- forms of foreign text alone: what looks like a name ---- */

static size_t take_id(struct ta_redaction *redaction, struct ta_slice text, struct ta_buf *out)
{
	size_t len = ta_redact_id_scan(text);

	if (len)
		ta_redact_container(redaction, ta_slice(text.data, len), out);
	return len;
}

/* Labels of letters, digits and hyphens between dots, the last of them of letters alone. */
static bool is_domain(struct ta_slice word)
{
	size_t label = 0, last_letters = 0, dots = 0;

	for (size_t i = 0; i < word.len; i++) {
		char c = word.data[i];

		if (c == '.' ? !label : c == '_' || c == '@')
			return false;
		dots += c == '.';
		label = c == '.' ? 0 : label + 1;
		last_letters = c == '.' ? 0 : last_letters + is_letter(c);
	}
	return dots && label > 1 && last_letters == label;
}

/* USER@HOST. */
static bool take_mail(struct ta_redaction *redaction, struct ta_slice word, struct ta_buf *out)
{
	size_t at = span_without(word, "@");

	if (!at || at + 1 >= word.len ||
	    span_without(ta_slice_from(word, at + 1), "@") != word.len - at - 1)
		return false;
	ta_redact_user(redaction, ta_slice(word.data, at), out);
	ta_buf_char(out, '@');
	ta_redact_host(redaction, ta_slice_from(word, at + 1), out);
	return true;
}

/* "evidence/billing/ss.txt": of one with two slashes at least, as much is no path. */
static size_t take_relative(struct ta_redaction *redaction, struct ta_slice text,
			    struct ta_buf *out)
{
	struct ta_slice word = ta_slice(text.data, word_of(text, "./@-\\"));
	size_t slashes = 0;

	for (size_t i = 0; i < word.len; i++)
		slashes += word.data[i] == '/';
	if (slashes < 2)
		return 0;
	ta_redact_path(redaction, word, out);
	return word.len;
}

/* What has dots: a unit, a sysctl or class of Java, a file, a host. */
static size_t take_dotted(struct ta_redaction *redaction, struct ta_slice text, struct ta_buf *out)
{
	const struct ta_public *public = redaction->names.public;
	struct ta_slice word = ta_slice(text.data, word_of(text, ".@-\\"));

	while (word.len && strchr(".-@\\", word.data[word.len - 1]))
		word.len--;
	if (word_of(word, "-\\") == word.len)
		return 0;
	if (ta_public_unit_ending(public, word).len)
		ta_redact_unit(redaction, word, out);
	else if (ta_public_is_dotted(public, word))
		ta_redact_key(redaction, word, out);
	else if (ta_public_file_ending(public, word).len)
		ta_redact_path(redaction, word, out);
	else if (is_domain(word))
		ta_redact_host(redaction, word, out);
	else if (!take_mail(redaction, word, out))
		return 0;
	return word.len;
}

/* NAME:PORT, where the name has a letter. */
static size_t take_endpoint(struct ta_redaction *redaction, struct ta_slice text,
			    struct ta_buf *out)
{
	size_t len = word_of(text, "-"), digits;

	if (!len || !is_letter(text.data[0]) || len + 2 >= text.len || text.data[len] != ':')
		return 0;
	digits = span(ta_slice_from(text, len + 1), "0123456789");
	if (digits < 2 || digits > 5 ||
	    (len + 1 + digits < text.len && ta_text_is_word_byte(text.data[len + 1 + digits])))
		return 0;
	if (ta_public_has(redaction->names.public, ta_slice(text.data, len)))
		return 0;
	ta_redact_host(redaction, ta_slice(text.data, len), out);
	return len;
}

/* What stands before the name of a host or user. */
static const struct label {
	const char *word;
	bool marked; /* only with '=', ':' or a quotation mark between, as the word is a common one
		      */
	ta_redact_part *part;
} labels[] = {
	{ "lookup", false, ta_redact_host },    { "ENOTFOUND", false, ta_redact_host },
	{ "EAI_AGAIN", false, ta_redact_host }, { "UnknownHostException", true, ta_redact_host },
	{ "host", true, ta_redact_host },       { "host name", true, ta_redact_host },
	{ "hostname", true, ta_redact_host },   { "to host", false, ta_redact_host },
	{ "rhost", true, ta_redact_host },      { "server", true, ta_redact_host },
	{ "addr", true, ta_redact_host },       { "peer", true, ta_redact_host },
	{ "upstream", true, ta_redact_host },   { "for user", false, ta_redact_user },
	{ "user", true, ta_redact_user },       { "ruser", true, ta_redact_user },
	{ "logname", true, ta_redact_user },    { "acct", true, ta_redact_user },
	{ "database", true, ta_redact_user },   { "dbname", true, ta_redact_user },
};

/* Length of the label and what stands between it and a name of one word; 0 when it is not so. */
static size_t label_len(const struct label *label, struct ta_slice text)
{
	size_t len = strlen(label->word), gap, name;

	if (text.len <= len || memcmp(text.data, label->word, len) != 0)
		return 0;
	gap = span(ta_slice_from(text, len), " =:'\"");
	name = word_of(ta_slice_from(text, len + gap), "-");
	if (!gap || gap > LABEL_GAP || name < 2 ||
	    (label->marked && span(ta_slice_from(text, len), " ") == gap))
		return 0;
	return is_letter(text.data[len + gap]) ? len + gap : 0;
}

/* A label with its value. What has a dot is left to the other forms. */
static size_t take_labelled(struct ta_redaction *redaction, struct ta_slice text,
			    struct ta_buf *out)
{
	for (size_t i = 0; i < TA_ARRAY_SIZE(labels); i++) {
		size_t at = label_len(&labels[i], text);
		size_t name = at ? word_of(ta_slice_from(text, at), "-") : 0;

		if (!name || (at + name + 1 < text.len && text.data[at + name] == '.' &&
			      ta_text_is_word_byte(text.data[at + name + 1])))
			continue;
		if (at + name + 2 < text.len && memcmp(text.data + at + name, "://", 3) == 0)
			continue;
		ta_buf_add(out, text.data, at);
		labels[i].part(redaction, ta_slice(text.data + at, name), out);
		return at + name;
	}
	return 0;
}

/* ---- the walk ---- */

/* Where in a text something begins. */
enum place {
	INSIDE, /* of a word */
	AT_EDGE,
	APART, /* no letter or digit stands before it */
	ALONE, /* nor what joins words to one */
};

/* In the order in which they are tried. */
static const struct {
	form *take;
	enum place place; /* the least that it needs */
	bool guess;       /* only in foreign text */
} forms[] = {
	{ take_url, INSIDE, false },    { take_uuid, AT_EDGE, false },
	{ take_mac, AT_EDGE, false },   { take_address, APART, false },
	{ take_path, APART, false },    { take_labelled, APART, true },
	{ take_relative, ALONE, true }, { take_dotted, ALONE, true },
	{ take_endpoint, ALONE, true }, { take_id, AT_EDGE, true },
};

static enum place place_of(struct ta_slice text, size_t at)
{
	if (!at || !ta_text_is_word_byte(text.data[at - 1]))
		return at && strchr(".@-\\", text.data[at - 1]) ? APART : ALONE;
	return ta_text_is_word_byte(text.data[at]) ? INSIDE : AT_EDGE;
}

/* Length of what the first form takes that is longer than the known name that stands there. */
static size_t take_form(struct ta_redaction *redaction, struct ta_slice text, enum place place,
			bool guess, size_t known, struct ta_buf *out)
{
	for (size_t i = 0; i < TA_ARRAY_SIZE(forms); i++) {
		size_t len;

		if (place < forms[i].place || (!guess && forms[i].guess))
			continue;
		ta_buf_clear(out);
		len = forms[i].take(redaction, text, out);
		if (len > known)
			return len;
	}
	return 0;
}

/* Replaces what the text begins with; its length, 0 when that is none of a name. */
static size_t replace(struct ta_redaction *redaction, struct ta_slice text, enum place place,
		      bool guess, struct ta_buf *out)
{
	ta_auto(ta_buf_done) struct ta_buf taken = TA_BUF_INIT(TEXT_CAP);
	const char *pseudonym = NULL;
	size_t known =
		place == INSIDE ? 0 : ta_pseudonym_match(&redaction->names, text, &pseudonym);
	size_t len = take_form(redaction, text, place, guess, known, &taken);

	if (!ta_buf_ok(&taken, NULL))
		redaction->names.failed = true;
	if (len)
		ta_buf_add(out, ta_buf_cstr(&taken), taken.len);
	else if (known)
		ta_buf_str(out, pseudonym);
	return len ? len : known;
}

static void walk(struct ta_redaction *redaction, struct ta_slice text, bool guess,
		 struct ta_buf *out)
{
	size_t at = 0;

	while (at < text.len) {
		size_t len =
			replace(redaction, ta_slice_from(text, at), place_of(text, at), guess, out);

		if (!len)
			ta_buf_char(out, text.data[at]);
		at += len ? len : 1;
	}
}

void ta_redact_remark(struct ta_redaction *redaction, struct ta_slice text, struct ta_buf *out)
{
	walk(redaction, text, false, out);
}

/* ---- foreign text ---- */

/* Length of "Jan  2 03:04:05 " or "2026-01-02T03:04:05.678901+00:00 " as syslog writes it. */
static size_t timestamp_len(struct ta_slice text)
{
	static const char *const times[] = { "Aaa ?0 00:00:00 ", "0000-00-00T00:00:00" };
	size_t n = 0;

	for (size_t i = 0; i < TA_ARRAY_SIZE(times); i++, n = 0) {
		for (; times[i][n] && n < text.len; n++)
			if (times[i][n] == '0'   ? !ta_is_digit(text.data[n])
			    : times[i][n] == '?' ? text.data[n] != ' ' && !ta_is_digit(text.data[n])
			    : is_letter(times[i][n]) ? !is_letter(text.data[n])
						     : text.data[n] != times[i][n])
				break;
		if (!times[i][n])
			break;
	}
	if (n && text.data[n - 1] != ' ') {
		n += span_without(ta_slice_from(text, n), " ");
		n += span(ta_slice_from(text, n), " ");
	}
	return n && n < text.len && (text.data[n - 1] == ' ') ? n : 0;
}

/* The host and program of a line of syslog: "HOST PROGRAM[PID]:". What was taken. */
static size_t take_head(struct ta_redaction *redaction, struct ta_slice text, struct ta_buf *out)
{
	size_t stamp = timestamp_len(text);
	struct ta_slice rest = ta_slice_from(text, stamp);
	size_t host = word_of(rest, ".-"), program;

	if (!stamp || !host || host + 1 >= rest.len || rest.data[host] != ' ')
		return 0;
	program = span_without(ta_slice_from(rest, host + 1), " [:");
	if (!program || host + 1 + program >= rest.len || rest.data[host + 1 + program] == ' ')
		return 0;
	ta_buf_add(out, text.data, stamp);
	ta_redact_host(redaction, ta_slice(rest.data, host), out);
	ta_buf_char(out, ' ');
	ta_redact_process(redaction, ta_slice(rest.data + host + 1, program), out);
	return stamp + host + 1 + program;
}

void ta_redact_text(struct ta_redaction *redaction, struct ta_slice text, struct ta_buf *out)
{
	size_t head = take_head(redaction, text, out);

	walk(redaction, ta_slice_from(text, head), true, out);
}

/* ---- what is there before ---- */

void ta_redact_avoid(struct ta_redaction *redaction, struct ta_slice text)
{
	struct ta_address address;

	ta_pseudonyms_avoid(&redaction->names, text);
	for (size_t at = 0, len; at < text.len; at += len ? len : 1) {
		len = at && ta_text_is_word_byte(text.data[at - 1])
			      ? 0
			      : ta_address_scan(ta_slice_from(text, at), &address);
		if (len)
			ta_address_book_avoid(&redaction->addresses, &address);
	}
}

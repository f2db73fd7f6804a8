/* pseudonym.c - see pseudonym.h. */
#include "snapshot/pseudonym.h"

#include <stdio.h>

#include "base/buf.h"
#include "base/text.h"

enum {
	PSEUDONYM_CAP = 512,
	LOOKALIKE_MAX = 40, /* bytes of a word that could be a pseudonym */
	UUID_DIGITS = 12    /* of its last group */
};

static const char uuid_base[] = "00000000-0000-0000-0000";

bool ta_pseudonyms_init(struct ta_pseudonyms *table, struct ta_error *err)
{
	*table = (struct ta_pseudonyms){
		.names = json_object(),
		.numbers = json_object(),
		.taken = json_object(),
		.public = ta_public(err),
	};
	if (!table->public)
		return false;
	if (!table->names || !table->numbers || !table->taken)
		return ta_fail(err, TA_E_NOMEM, "out of memory");
	return true;
}

void ta_pseudonyms_done(struct ta_pseudonyms *table)
{
	json_decref(table->names);
	json_decref(table->numbers);
	json_decref(table->taken);
}

/* ---- words that are taken ---- */

static bool is_of_pseudonym(char c)
{
	return ta_is_digit(c) || c == '-' || (c >= 'a' && c <= 'z');
}

/* "process-3": ends in a hyphen and digits. */
static bool is_lookalike(struct ta_slice word)
{
	size_t len = word.len;

	while (len && ta_is_digit(word.data[len - 1]))
		len--;
	return word.len <= LOOKALIKE_MAX && len && len < word.len && word.data[len - 1] == '-';
}

void ta_pseudonyms_avoid(struct ta_pseudonyms *table, struct ta_slice text)
{
	for (size_t i = 0, len; i < text.len; i += len ? len : 1) {
		for (len = 0; i + len < text.len && is_of_pseudonym(text.data[i + len]);)
			len++;
		if (is_lookalike(ta_slice(text.data + i, len)) &&
		    json_object_setn_new(table->taken, text.data + i, len, json_true()) < 0)
			table->failed = true;
	}
}

/* ---- the table ---- */

bool ta_pseudonym_is_due(struct ta_slice text)
{
	for (size_t i = 0; i < text.len; i++)
		if ((ta_text_is_word_byte(text.data[i]) && !ta_is_digit(text.data[i])) ||
		    (unsigned char)text.data[i] >= 0x80)
			return true;
	return false;
}

/* Whether it is worth looking for in texts: not each "1" or "-" there is a name. */
static bool is_findable(const struct ta_pseudonyms *table, struct ta_slice name)
{
	return name.len > 1 && name.len < TA_PSEUDONYM_LENGTHS && ta_pseudonym_is_due(name) &&
	       !ta_public_has(table->public, name);
}

static const char *remember(struct ta_pseudonyms *table, struct ta_slice name,
			    const char *pseudonym)
{
	json_t *value = json_string(pseudonym);

	if (json_object_setn_new(table->names, name.data, name.len, value) < 0) {
		table->failed = true;
		return "";
	}
	if (is_findable(table, name))
		table->lengths[name.len] = true;
	return json_string_value(value);
}

/* The next number of the base, from 1 on. */
static json_int_t next_number(struct ta_pseudonyms *table, const char *base)
{
	json_int_t number = json_integer_value(json_object_get(table->numbers, base)) + 1;

	if (json_object_set_new(table->numbers, base, json_integer(number)) < 0)
		table->failed = true;
	return number;
}

/* Writes a pseudonym that is no word of the document. */
static void make(struct ta_pseudonyms *table, const char *base, int digits, struct ta_buf *out)
{
	do {
		ta_buf_clear(out);
		ta_buf_printf(out, "%s-%0*" JSON_INTEGER_FORMAT, base, digits,
			      next_number(table, base));
	} while (!table->failed && json_object_get(table->taken, ta_buf_cstr(out)));
}

static const char *find_or_make(struct ta_pseudonyms *table, struct ta_slice name, const char *base,
				int digits, struct ta_slice ending)
{
	const char *known = ta_pseudonym_find(table, name);
	ta_auto(ta_buf_done) struct ta_buf made = TA_BUF_INIT(PSEUDONYM_CAP);

	if (known)
		return known;
	make(table, base, digits, &made);
	ta_buf_add(&made, ending.data, ending.len);
	if (!ta_buf_ok(&made, NULL))
		table->failed = true;
	return remember(table, name, ta_buf_cstr(&made));
}

const char *ta_pseudonym(struct ta_pseudonyms *table, struct ta_slice name, const char *base,
			 struct ta_slice ending)
{
	return find_or_make(table, name, base, 1, ending);
}

const char *ta_pseudonym_uuid(struct ta_pseudonyms *table, struct ta_slice uuid)
{
	return find_or_make(table, uuid, uuid_base, UUID_DIGITS, ta_slice("", 0));
}

void ta_pseudonym_alias(struct ta_pseudonyms *table, struct ta_slice name, const char *pseudonym)
{
	if (!ta_pseudonym_find(table, name))
		remember(table, name, pseudonym);
}

const char *ta_pseudonym_find(const struct ta_pseudonyms *table, struct ta_slice name)
{
	return json_string_value(json_object_getn(table->names, name.data, name.len));
}

/* Whether a word may end between these. */
static bool ends_word(struct ta_slice text, size_t len)
{
	return len == text.len || !ta_text_is_word_byte(text.data[len]) ||
	       !ta_text_is_word_byte(text.data[len - 1]);
}

size_t ta_pseudonym_match(const struct ta_pseudonyms *table, struct ta_slice text,
			  const char **ret_pseudonym)
{
	size_t len = text.len < TA_PSEUDONYM_LENGTHS ? text.len : TA_PSEUDONYM_LENGTHS - 1;

	for (; len; len--) {
		const char *found;

		if (!table->lengths[len] || !ends_word(text, len))
			continue;
		found = ta_pseudonym_find(table, ta_slice(text.data, len));
		if (found && is_findable(table, ta_slice(text.data, len))) {
			*ret_pseudonym = found;
			return len;
		}
	}
	return 0;
}

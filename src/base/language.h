/* language.h - texts in the language of the reader.
 *
 * A message is its English text; a catalogue (rules/lang/LANGUAGE.json, compiled in) holds its
 * translation. What has none is said in English. One that prints values is a format whose
 * conversions its translation repeats, in an order of its own if need be ("%2$s"): a test holds
 * every catalogue against the sources.
 *
 * What writes a text for people marks its words with _(), which looks them up in the language of
 * the thread. Only the outermost functions of a renderer choose that; see ta_language_use(). */
#ifndef BASE_LANGUAGE_H
#define BASE_LANGUAGE_H

#include <stddef.h>

#include "tcpadvise/error.h"

struct ta_language;

/* "zh_CN", or a locale's name: "zh_CN.UTF-8", "zh". NULL where there is no such catalogue: English
 * ("en", "C", "POSIX") has none either. Lives as long as the program; the first use reads it. */
const struct ta_language *ta_language_find(const char *locale);

/* Whether texts are to be had in it: there is a catalogue, or it is English. */
bool ta_language_is_known(const char *name);

/* "zh_CN"; "en" for NULL. */
const char *ta_language_name(const struct ta_language *language);

/* The languages that there are, English first: "en|zh_CN" written to ret, of size bytes. */
void ta_language_choices(char *ret, size_t size);

/* The text in that language (NULL: English); borrowed. The message itself where none is known. */
const char *ta_translate(const struct ta_language *language, const char *message)
	__attribute__((format_arg(2)));

const struct ta_language *ta_language_current(void); /* of this thread */

/* Sets the language of this thread and returns the one before, to be set again at the end. */
const struct ta_language *ta_language_use(const struct ta_language *language);

const char *ta_say(const char *message) __attribute__((format_arg(1)));
const char *ta_say_count(const char *one, const char *many, size_t count)
	__attribute__((format_arg(1), format_arg(2)));

/* A text in the language of the thread, and one that depends on a number. The names are gettext's:
 * whoever has read translated C knows them. */
/* NOLINTBEGIN(bugprone-reserved-identifier,cert-dcl37-c,cert-dcl51-cpp) */
#define _(message)           ta_say(message)
#define N_(message)          (message) /* a constant that is looked up later, by _(variable) */
#define _n(one, many, count) ta_say_count(one, many, count)
/* NOLINTEND(bugprone-reserved-identifier,cert-dcl37-c,cert-dcl51-cpp) */

#endif

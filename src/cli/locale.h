/* locale.h - what the environment says of the reader's language and characters (POSIX.1-2017, 8.2:
 * LC_ALL, then the category's own variable, then LANG). The C library is not asked: it knows only
 * the locales that are installed, and on a server or in a container that is "C". */
#ifndef CLI_LOCALE_H
#define CLI_LOCALE_H

#include <stdbool.h>

/* The name of the locale of a category ("LC_MESSAGES"); "C" where nothing is said. */
const char *ta_locale_name(const char *category);

/* Whether characters are UTF-8 (LC_CTYPE). */
bool ta_locale_is_utf8(void);

/* Sets the language of the texts (tcpadvise/language.h): the one asked for, or with NULL that of
 * LC_MESSAGES, where its characters can be shown and there is a catalogue. */
void ta_locale_choose_language(const char *asked);

#endif

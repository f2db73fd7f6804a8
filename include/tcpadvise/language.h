/* language.h - texts in the language of the reader.
 *
 * Rules, states and the words of reports are English; catalogues of translations are compiled in
 * (rules/lang). Names that programs read (members, rule ids, severities, sysctls) are the same in
 * every language. */
#ifndef TCPADVISE_LANGUAGE_H
#define TCPADVISE_LANGUAGE_H

#include <stdbool.h>

#include "tcpadvise/error.h"

/* The language of what this thread makes from now on: the texts of rule books from
 * ta_rules_new(), and of reports that are rendered. "zh_CN", or the name of a locale: "zh",
 * "zh_CN.UTF-8"; "en", "C" and "POSIX" are English. false, and nothing changes, where there is no
 * such catalogue. */
TA_API bool ta_set_language(const char *name);

#endif

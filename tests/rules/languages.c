/* languages.c - a language changes the words of a report and nothing else: each case of each pack's
 * tests, and whole snapshots, are judged in English and in the language of each catalogue, and the
 * reports are compared member by member.
 *
 * What differs is a translation of what is no text, such as a string that a condition compares
 * with, or a condition that reads a translated one (speak_lets() in src/rules/compile.c).
 *
 * usage: languages [SNAPSHOT.json...]; prints what differs, exit 1 when something does. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/language.h"
#include "base/macros.h"
#include "base/resource.h"
#include "base/text.h"
#include "rules/testing.h"
#include "snapshot/tunables.h"
#include "tcpadvise/rules.h"
#include "cases.h"

enum { PATH_SIZE = 256 };

TA_DEFINE_AUTO(json_t, json_decref)

struct look {
	const char *language;
	struct ta_rules *english, *translated;
	char subject[512]; /* what is being judged */
	size_t judged, words, wrong;
};

/* ---- two reports ----------------------------------------------------------------------- */

/* The members that people read, wherever they stand. The hints of "code" are of any name. */
static const char *const words[] = { "title",     "diagnosis", "label",  "source",
				     "text",      "effect",    "why",    "setting",
				     "risk_text", "verify",    "revert", "restart" };

static bool is_word(const char *path, const char *member)
{
	if (ta_text_ends_with(path, ".code"))
		return true;
	for (size_t i = 0; i < TA_ARRAY_SIZE(words); i++)
		if (strcmp(words[i], member) == 0)
			return strstr(path, "references") == NULL;
	return false;
}

static void differ(struct look *look, const char *path, const json_t *english,
		   const json_t *translated)
{
	ta_auto_free char *one = json_dumps(english, JSON_ENCODE_ANY);
	ta_auto_free char *other = json_dumps(translated, JSON_ENCODE_ANY);

	look->wrong++;
	printf("%s: %s: %s: %.300s, in English %.300s\n", look->language, look->subject, path,
	       other ? other : "absent", one ? one : "absent");
}

/* The first word of a warning may be the key that it is about: a plan looks for that. */
static bool keeps_key(const char *english, const char *translated)
{
	char key[128];

	snprintf(key, sizeof(key), "%.*s", (int)strcspn(english, " =,("), english);
	return !ta_tunable_find(key) || ta_text_names(translated, key);
}

/* A text is there in both, and complete. */
static void compare_words(struct look *look, const char *path, const json_t *english,
			  const json_t *translated)
{
	const char *one = json_string_value(english), *other = json_string_value(translated);

	look->words++;
	if (!one || !other || !*one != !*other || strstr(other, "{{") || !keeps_key(one, other))
		differ(look, path, english, translated);
}

static void compare(struct look *look, const char *path, const json_t *english,
		    const json_t *translated);

static void compare_objects(struct look *look, const char *path, const json_t *english,
			    const json_t *translated)
{
	const char *member;
	json_t *value;

	json_object_foreach ((json_t *)english, member, value) {
		const json_t *other = json_object_get(translated, member);
		char below[PATH_SIZE];

		snprintf(below, sizeof(below), "%s.%s", path, member);
		if (is_word(path, member))
			compare_words(look, below, value, other);
		else
			compare(look, below, value, other);
	}
	if (json_object_size(english) != json_object_size(translated))
		differ(look, path, english, translated);
}

/* NOLINTNEXTLINE(misc-no-recursion): as deep as a report is. */
static void compare(struct look *look, const char *path, const json_t *english,
		    const json_t *translated)
{
	const json_t *value;
	char below[PATH_SIZE];
	size_t i;

	if (json_is_object(english) && json_is_object(translated)) {
		compare_objects(look, path, english, translated);
	} else if (json_is_array(english) &&
		   json_array_size(english) == json_array_size(translated)) {
		json_array_foreach (english, i, value) {
			snprintf(below, sizeof(below), "%s[%zu]", path, i);
			compare(look, below, value, json_array_get(translated, i));
		}
	} else if (!json_equal(english, translated)) {
		differ(look, path, english, translated);
	}
}

/* ---- every snapshot -------------------------------------------------------------------- */

static json_t *judge_by(struct look *look, const struct ta_rules *rules, const json_t *snapshot)
{
	struct ta_evaluate_options options = { 0 };
	struct ta_error err = TA_ERROR_INIT;
	json_t *report = NULL;

	if (!ta_rules_evaluate(rules, snapshot, &options, &report, &err)) {
		look->wrong++;
		printf("%s: %s: %s\n", look->language, look->subject, err.text);
	}
	return report;
}

static void judge(struct look *look, const json_t *snapshot)
{
	ta_auto(json_decref_p) json_t *english = judge_by(look, look->english, snapshot);
	ta_auto(json_decref_p) json_t *translated = judge_by(look, look->translated, snapshot);

	if (!english || !translated)
		return;
	if (strcmp(ta_json_text(translated, "language"), look->language) != 0)
		differ(look, "language", NULL, json_object_get(translated, "language"));
	json_object_del(translated, "language");
	look->judged++;
	compare(look, "report", english, translated);
}

static void judge_case(void *ctx, const json_t *base, const json_t *test)
{
	struct look *look = ctx;
	ta_auto(json_decref_p) json_t *snapshot =
		ta_test_snapshot(base, json_object_get(test, "patch"));

	snprintf(look->subject, sizeof(look->subject), "%s (\"%s\")", ta_json_text(test, "rule"),
		 ta_json_text(test, "name"));
	judge(look, snapshot);
}

static void judge_files(struct look *look, char *const *paths)
{
	for (; *paths; paths++) {
		ta_auto(json_decref_p) json_t *snapshot = json_load_file(*paths, 0, NULL);

		snprintf(look->subject, sizeof(look->subject), "%s", *paths);
		judge(look, snapshot);
	}
}

/* ---- every language -------------------------------------------------------------------- */

static struct ta_rules *book_in(const struct ta_language *language)
{
	const struct ta_language *before = ta_language_use(language);
	struct ta_rules *rules = ta_rules_new();
	struct ta_rule_mistakes mistakes = { 0 };
	struct ta_error err = TA_ERROR_INIT;

	if (rules && (!ta_rules_add_builtin(rules, TA_BUILTIN_WHOLE, &err) ||
		      !ta_rules_finish(rules, &mistakes, &err))) {
		printf("%s: %s%s\n", ta_language_name(language), err.text,
		       mistakes.text ? mistakes.text : "");
		rules = ta_rules_free(rules);
	}
	ta_rule_mistakes_done(&mistakes);
	ta_language_use(before);
	return rules;
}

static bool judge_in(const char *language, char *const *paths)
{
	struct look look = { .language = language,
			     .english = book_in(NULL),
			     .translated = book_in(ta_language_find(language)) };

	if (look.english && look.translated) {
		each_case(judge_case, &look);
		judge_files(&look, paths);
	}
	printf("%s: %zu snapshots judged twice, %zu texts, %zu mistakes\n", language, look.judged,
	       look.words, look.wrong);
	ta_rules_free(look.english);
	ta_rules_free(look.translated);
	return look.judged && look.words && !look.wrong;
}

int main(int argc, char **argv)
{
	char choices[256], *name, *rest = choices;
	bool ok = true, any = false;

	(void)argc;
	ta_language_choices(choices, sizeof(choices));
	while ((name = strsep(&rest, "|"))) {
		if (!ta_language_find(name))
			continue; /* English */
		any = true;
		ok = judge_in(name, argv + 1) && ok;
	}
	return ok && any ? EXIT_SUCCESS : EXIT_FAILURE;
}

/* rule.h - a compiled rule, its pack, and the book that they are in. */
#ifndef RULES_RULE_H
#define RULES_RULE_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "rules/needs.h"
#include "rules/source.h"
#include "rules/vocabulary.h"
#include "tcpadvise/expr.h"
#include "tcpadvise/rules.h"

struct ta_form;

/* Variables of every rule, by slot; the element of for_each and the lets follow. */
enum ta_slot {
	TA_SLOT_HOST,
	TA_SLOT_FILES,
	TA_SLOT_PROCESSES,
	TA_SLOT_NAMESPACES,
	TA_SLOT_COLLECTION, /* empty when the snapshot has none, as "reported" */
	TA_SLOT_KERNEL_LOG,
	TA_SLOT_SETTINGS,
	TA_SLOT_LIMITS,
	TA_SLOT_REPORTED,
	TA_SLOT_PARAMS,
	TA_SLOT_NS,
	TA_SLOT_ELEMENT, /* lets start here in a rule without for_each */
};

/* The members of the snapshot that are variables, by slot: TA_SLOT_HOST up to TA_SLOT_PARAMS. */
extern const char *const ta_slot_members[TA_SLOT_PARAMS];

struct ta_pack {
	const char *name; /* borrowed from source->json */
	struct ta_source *source;
	json_t *params;      /* name -> value in force */
	json_t *params_from; /* name -> who overrode it: a file's name, "--param" */
};

/* A word that holds when its condition does; without one it always does. */
struct ta_choice {
	const char *word;
	struct ta_expr *when;
};

struct ta_choices {
	struct ta_choice *items;
	size_t count;
};

struct ta_let {
	const char *name;
	struct ta_expr *value;
};

struct ta_evidence {
	const char *label, *unit, *source;
	struct ta_expr *value, *limit, *when; /* the last two may be NULL */
};

struct ta_fix {
	const json_t *json;
	struct ta_expr *when;     /* may be NULL, like the next two */
	struct ta_form *settings; /* from "set" */
	struct ta_form *limit;
	struct ta_form *commands;
	struct ta_form *words; /* an object: title, text, effect, verify ... */
	json_t *words_json;    /* what words mirrors */
};

struct ta_avoid {
	const char *setting;
	struct ta_form *why;
	struct ta_expr *when;
};

struct ta_rule {
	const struct ta_pack *pack;
	const json_t *json;
	const char *id, *class_;
	char *pointer;    /* of the rule in its pack */
	size_t slots;     /* ta_env_size(); 0: the rule is not compiled */
	const char *kind; /* scope: host, namespace, process, listener, destination */
	bool per_namespace;

	struct ta_expr *applies, *for_each, *where, *rank;
	const char *element; /* the name that for_each binds, or NULL */
	json_t *all_lets; /* name -> expression: the rule's and those of its pack that it needs */
	struct ta_let *lets; /* in an order in which each needs only those before it */
	size_t let_count;
	struct ta_choices severity, confidence;
	struct ta_form *object, *identity, *title, *diagnosis, *passed; /* no title: an index */
	struct ta_evidence *evidence;
	size_t evidence_count;
	struct ta_fix *fixes;
	size_t fix_count;
	struct ta_avoid *avoid;
	size_t avoid_count;
	struct ta_needs needs; /* of an index made when they are asked for */
};

struct ta_silence {
	const char *rule, *object, *reason, *until; /* object and until may be NULL */
	const struct ta_source *source;
};

struct ta_rules {
	const struct ta_language *language; /* of the texts; NULL: English */
	struct ta_vocabulary
		vocabulary; /* asked again when a rule fires whose words are read then */
	struct ta_source **sources;
	size_t source_count;
	struct ta_mistakes mistakes;
	json_t *assignments; /* parameters from --param: name -> text */
	struct ta_pack *packs;
	size_t pack_count;
	struct ta_rule **rules;
	size_t rule_count;
	json_t *by_id; /* id -> place in rules; of two with one id the first */
	struct ta_silence *silences;
	size_t silence_count;
	bool thorough; /* check the shape of the packs compiled in, too */
	bool finished;
};

/* Whether a file of this name in a directory of packs is one: *.json, no test, no catalogue. */
bool ta_rules_is_pack_name(const char *name);

/* The pack's parameters, or those that the rule reads, as ta_rules_describe() has them. A new
 * reference; NULL when memory ran out. */
json_t *ta_pack_params(const struct ta_pack *pack, const json_t *rule);

/* Where in rules the rule with this id is; rule_count when there is none. */
size_t ta_rules_place(const struct ta_rules *rules, const char *id);

/* The rule with this id, or NULL. */
const struct ta_rule *ta_rules_find(const struct ta_rules *rules, const char *id);

#endif

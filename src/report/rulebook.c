/* rulebook.c - see rulebook.h. */
#include "report/rulebook.h"

#include <string.h>

#include "base/json.h"
#include "base/language.h"
#include "base/macros.h"
#include "report/markdown.h"
#include "rules/examples.h"
#include "rules/topics.h"

TA_DEFINE_AUTO(json_t, json_decref)

struct book {
	struct ta_rules *rules;
	const json_t *described; /* ta_rules_describe() */
	struct ta_buf *out;
	struct ta_error *err;
};

/* ---- parts of a page --------------------------------------------------------------- */

static void paragraph(struct book *b, const char *text)
{
	ta_markdown_text(b->out, text);
	ta_buf_str(b->out, "\n\n");
}

static void heading(struct book *b, const char *marks, const char *text)
{
	ta_buf_printf(b->out, "%s ", marks);
	paragraph(b, text);
}

static void link_to_rule(struct book *b, const char *id)
{
	ta_buf_printf(b->out, "[%s](#%s)", id, id);
}

static void rule_list(struct book *b, const char *label, const json_t *ids)
{
	size_t i;
	json_t *id;

	if (!json_array_size(ids))
		return;
	ta_buf_printf(b->out, "%s ", label);
	json_array_foreach (ids, i, id) {
		ta_buf_str(b->out, i ? ", " : "");
		link_to_rule(b, json_string_value(id));
	}
	ta_buf_str(b->out, ".\n\n");
}

static void references(struct book *b, const json_t *list)
{
	size_t i;
	json_t *row;

	if (!json_array_size(list))
		return;
	ta_buf_str(b->out, _("Sources: "));
	json_array_foreach (list, i, row) {
		ta_buf_str(b->out, i ? "; [" : "[");
		ta_markdown_text(b->out, ta_json_text(row, "title"));
		ta_buf_printf(b->out, "](%s)", ta_json_text(row, "url"));
	}
	ta_buf_str(b->out, ".\n\n");
}

/* ---- how a finding reads ----------------------------------------------------------- */

static void put_figure(struct ta_buf *out, const json_t *value, const char *unit)
{
	ta_auto_free char *text = NULL;

	if (json_is_string(value)) {
		ta_markdown_text(out, json_string_value(value));
	} else {
		text = json_dumps(value, JSON_ENCODE_ANY | JSON_REAL_PRECISION(6));
		ta_buf_str(out, text ? text : "?");
	}
	if (*unit) {
		ta_buf_char(out, ' ');
		ta_markdown_text(out, unit);
	}
}

static void example_evidence(struct book *b, const json_t *evidence)
{
	size_t i;
	json_t *row;

	if (!json_array_size(evidence))
		return;
	ta_buf_str(b->out, _("| evidence | here | of | read from |\n|---|---|---|---|\n"));
	json_array_foreach (evidence, i, row) {
		const json_t *limit = json_object_get(row, "limit");

		ta_buf_str(b->out, "| ");
		ta_markdown_text(b->out, ta_json_text(row, "label"));
		ta_buf_str(b->out, " | ");
		put_figure(b->out, json_object_get(row, "value"), _(ta_json_text(row, "unit")));
		ta_buf_str(b->out, " | ");
		if (limit)
			put_figure(b->out, limit, "");
		ta_buf_str(b->out, " | ");
		ta_markdown_text(b->out, ta_json_text(row, "source"));
		ta_buf_str(b->out, " |\n");
	}
	ta_buf_char(b->out, '\n');
}

static void example_finding(struct book *b, const json_t *finding)
{
	ta_buf_printf(b->out, "> **%s** — ", _(ta_json_text(finding, "severity")));
	ta_markdown_text(b->out, ta_json_text(finding, "title"));
	ta_buf_str(b->out, "\n>\n> ");
	paragraph(b, ta_json_text(finding, "diagnosis"));
	example_evidence(b, json_object_get(finding, "evidence"));
}

/* ---- when it is made --------------------------------------------------------------- */

/* "warning   x > 1". What the pack has is foreign text, and may have line breaks. */
static void define(struct book *b, const char *label, const char *name, const char *text)
{
	ta_buf_printf(b->out, "%-8s  ", label);
	if (*name)
		ta_buf_printf(b->out, "%s %s ", name, strcmp(label, "let") == 0 ? "=" : "in");
	ta_markdown_line(b->out, text);
}

static void definition(struct book *b, const json_t *rule)
{
	const char *name;
	json_t *value;
	size_t i;

	ta_buf_str(b->out, "```\n");
	if (*ta_json_text(rule, "applies"))
		define(b, "only if", "", ta_json_text(rule, "applies"));
	json_object_foreach (json_object_get(rule, "for_each"), name, value)
		define(b, "for each", name, json_string_value(value));
	if (*ta_json_text(rule, "where"))
		define(b, "where", "", ta_json_text(rule, "where"));
	json_object_foreach (json_object_get(rule, "let"), name, value)
		define(b, "let", name, json_string_value(value));
	json_array_foreach (json_object_get(rule, "severity"), i, value)
		define(b, ta_json_text(value, "level"), "", ta_json_text(value, "when"));
	ta_buf_str(b->out, "```\n\n");
}

static void parameters(struct book *b, const json_t *rule)
{
	const char *name;
	json_t *param;
	bool any = false;

	json_object_foreach (json_object_get(rule, "params"), name, param) {
		if (!any)
			ta_buf_str(b->out, _("| parameter | value | basis |\n|---|---|---|\n"));
		any = true;
		ta_buf_printf(b->out, "| `%s` | ", name);
		put_figure(b->out, json_object_get(param, "value"), _(ta_json_text(param, "unit")));
		ta_buf_str(b->out, " | ");
		ta_markdown_text(b->out, ta_json_text(param, "basis"));
		ta_buf_str(b->out, " |\n");
	}
	ta_buf_str(b->out, any ? "\n" : "");
}

/* ---- what to do and what not ------------------------------------------------------- */

static void labelled(struct book *b, const char *label, const json_t *fix, const char *member)
{
	if (!*ta_json_text(fix, member))
		return;
	ta_buf_printf(b->out, " *%s:* ", label);
	ta_markdown_text(b->out, _(ta_json_text(fix, member)));
}

static void settings(struct book *b, const json_t *fix)
{
	const char *key;
	json_t *value;

	json_object_foreach (json_object_get(fix, "settings"), key, value) {
		struct ta_buf line = TA_BUF_INIT(4096);

		ta_buf_printf(&line, "%s = %s", key, json_string_value(value));
		ta_buf_char(b->out, ' ');
		ta_markdown_code(b->out, ta_buf_cstr(&line));
		ta_buf_char(b->out, '.');
		ta_buf_done(&line);
	}
}

/* The hints for every runtime, as the pack has them. */
static void code(struct book *b, const json_t *fix)
{
	const char *runtime;
	json_t *hint;

	json_object_foreach (json_object_get(fix, "code"), runtime, hint) {
		ta_auto(ta_buf_done) struct ta_buf line = TA_BUF_INIT(64 * 1024);

		ta_buf_printf(&line, _("In %s: %s"), runtime, _(json_string_value(hint)));
		ta_buf_str(b->out, "   - ");
		ta_markdown_text(b->out, ta_buf_cstr(&line));
		ta_buf_char(b->out, '\n');
	}
}

static void fixes(struct book *b, const json_t *rule, const json_t *example)
{
	size_t i;
	json_t *fix;

	if (!json_array_size(json_object_get(rule, "fixes")))
		return;
	ta_buf_printf(b->out, "%s\n\n", _("What to do:"));
	json_array_foreach (json_object_get(rule, "fixes"), i, fix) {
		const json_t *filled = json_array_get(json_object_get(example, "fixes"), i);
		const json_t *shown = json_is_object(filled) ? filled : fix;

		ta_buf_printf(b->out, "%zu. **", i + 1);
		ta_markdown_text(b->out, _(ta_json_text(shown, "title")));
		ta_buf_printf(b->out, "** (%s)", _(ta_json_text(fix, "kind")));
		if (*ta_json_text(fix, "when")) {
			ta_buf_str(b->out, _(" when "));
			ta_markdown_code(b->out, ta_json_text(fix, "when"));
		}
		ta_buf_str(b->out, ". ");
		ta_markdown_text(b->out, _(ta_json_text(shown, "text")));
		settings(b, shown);
		labelled(b, _("Effect"), shown, "effect");
		labelled(b, _("Risk"), shown, "risk_text");
		labelled(b, _("Verify"), shown, "verify");
		ta_buf_char(b->out, '\n');
		code(b, fix);
	}
	ta_buf_char(b->out, '\n');
}

static void folklore(struct book *b, const json_t *rule, const json_t *example)
{
	size_t i;
	json_t *row;

	if (!json_array_size(json_object_get(rule, "avoid")))
		return;
	ta_buf_printf(b->out, "%s\n\n", _("What not to do:"));
	json_array_foreach (json_object_get(rule, "avoid"), i, row) {
		const json_t *filled = json_array_get(json_object_get(example, "avoid"), i);

		ta_buf_str(b->out, "- **");
		ta_markdown_text(b->out, _(ta_json_text(row, "setting")));
		ta_buf_str(b->out, "**: ");
		ta_markdown_text(b->out,
				 _(ta_json_text(json_is_object(filled) ? filled : row, "why")));
		ta_buf_char(b->out, '\n');
	}
	ta_buf_char(b->out, '\n');
}

/* ---- the book ---------------------------------------------------------------------- */

static bool add_rule(struct book *b, const json_t *rule)
{
	ta_auto(json_decref_p) json_t *example = ta_rule_example(
		b->rules, ta_rules_find(b->rules, ta_json_text(rule, "id")), b->err);
	const json_t *finding = json_object_get(example, "finding");

	if (!example)
		return false;
	heading(b, "###", ta_json_text(rule, "id"));
	if (finding)
		example_finding(b, finding);
	else
		paragraph(b, _(ta_json_text(rule, "diagnosis")));
	ta_buf_printf(b->out,
		      strcmp(ta_json_text(rule, "scope"), "host") == 0
			      ? _("Looks at the %s; pack %s. Defined as:\n\n")
			      : _("Looks at each %s; pack %s. Defined as:\n\n"),
		      _(ta_json_text(rule, "scope")), ta_json_text(rule, "pack"));
	definition(b, rule);
	parameters(b, rule);
	fixes(b, rule, example);
	folklore(b, rule, example);
	rule_list(b, _("Explains"), json_object_get(rule, "explains"));
	references(b, json_object_get(rule, "references"));
	return true;
}

static bool is_of_class(const json_t *rule, const json_t *class_)
{
	return strcmp(ta_json_text(rule, "class"), ta_json_text(class_, "id")) == 0;
}

static bool add_class(struct book *b, const json_t *class_)
{
	size_t i;
	json_t *rule;

	heading(b, "##", _(ta_json_text(class_, "title")));
	ta_buf_printf(b->out, "`%s`. ", ta_json_text(class_, "id"));
	paragraph(b, _(ta_json_text(class_, "meaning")));
	json_array_foreach (b->described, i, rule)
		if (is_of_class(rule, class_) && !add_rule(b, rule))
			return false;
	return true;
}

static void add_contents(struct book *b, const json_t *classes)
{
	size_t i, k;
	json_t *class_, *rule;

	ta_buf_str(b->out, _("| class | rules |\n|---|---|\n"));
	json_array_foreach (classes, i, class_) {
		bool first = true;

		ta_buf_printf(b->out, "| `%s` | ", ta_json_text(class_, "id"));
		json_array_foreach (b->described, k, rule) {
			if (!is_of_class(rule, class_))
				continue;
			ta_buf_str(b->out, first ? "" : ", ");
			link_to_rule(b, ta_json_text(rule, "id"));
			first = false;
		}
		ta_buf_str(b->out, " |\n");
	}
	ta_buf_char(b->out, '\n');
}

static void add_myths(struct book *b, const json_t *myths)
{
	size_t i;
	json_t *myth;

	heading(b, "##", _("What is said, and what is so"));
	json_array_foreach (myths, i, myth) {
		ta_buf_printf(b->out, "%zu. *“", i + 1);
		ta_markdown_text(b->out, _(ta_json_text(myth, "claim")));
		ta_buf_str(b->out, "”* ");
		paragraph(b, _(ta_json_text(myth, "answer")));
		ta_buf_str(b->out, "   ");
		rule_list(b, _("Rules:"), json_object_get(myth, "rules"));
	}
}

static void add_preface(struct book *b)
{
	heading(b, "#", _("The rule book"));
	ta_buf_printf(
		b->out,
		_("%zu rules in %zu packs, printed by `tcpadvise rules list --format markdown`. "
		  "Each shows a finding with its\nfigures as a test of the rule has it, then how "
		  "the rule is defined (in the [rule language](rule-language.md)), what\nto do in "
		  "the order in which to try it, and what not to do. `tcpadvise explain RULE` says "
		  "the same of this host.\n\n"),
		b->rules->rule_count, b->rules->pack_count);
}

bool ta_rulebook_markdown(struct ta_rules *rules, struct ta_buf *out, struct ta_error *err)
{
	const json_t *classes = ta_classes(err), *myths = ta_myths(err);
	ta_auto(json_decref_p) json_t *described = ta_rules_describe(rules);
	struct book b = { rules, described, out, err };
	size_t i;
	json_t *class_;

	if (!classes || !myths || !described)
		return ta_fail(err, TA_E_NOMEM, "out of memory");
	add_preface(&b);
	add_contents(&b, classes);
	add_myths(&b, myths);
	json_array_foreach (classes, i, class_)
		if (!add_class(&b, class_))
			return false;
	if (out->len)
		out->len--; /* one newline at the end is enough */
	return ta_buf_ok(out, err);
}

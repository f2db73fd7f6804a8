/* manual_rules.c - tcpadvise-rules(5); see manual.h. Its members are those of the schema of packs,
 * so that they stay in step. */
#include <jansson.h>
#include <string.h>

#include "base/json.h"
#include "base/macros.h"
#include "base/resource.h"
#include "cli/manual.h"
#include "cli/roff.h"
#include "expr/functions.h"
#include "expr/macro.h"

TA_DEFINE_AUTO(json_t, json_decref)

static const char about[] =
	"A rule pack is a JSON object. Those of tcpadvise are compiled in; tcpadvise rules list "
	"shows them. "
	"More are read from the files below FILES and from what --rules names, in this order. A "
	"pack may "
	"have rules of its own, or change the parameters of other packs and silence their rules "
	"(override).\n\n"
	"tcpadvise rules check tells every mistake of a pack with its line and column. tcpadvise "
	"rules test "
	"runs the cases of x.test.json beside x.json. tcpadvise schema rule-pack prints the JSON "
	"Schema that "
	"editors take.";

static const char overrides[] = "A file that holds nothing but an override adapts the packs to a "
				"host. A parameter is named by its "
				"pack and its own name; a new value has the same type. A later "
				"file wins over an earlier one, and "
				"--param over all. A finding that is silenced is still told, "
				"marked as silenced, and does not count "
				"for --fail-on; a silence that is over is said to be.";

static const char conditions[] =
	"Conditions, the values of let, and what stands in {{ }} of a text are expressions in CEL, "
	"the Common "
	"Expression Language, over the snapshot (tcpadvise schema snapshot). Names: host, files, "
	"processes, "
	"namespaces, collection, kernel_log and reported are members of the snapshot; ns is the "
	"namespace at "
	"hand; params.NAME is a parameter of the pack; for_each binds the element at hand, let "
	"what it "
	"names.\n\n"
	"Operators, from the weakest: ?: || && == != < <= > >= in + - * / % ! and unary -. 5 is an "
	"int, 5u "
	"a uint, 5.0 a double: they are not mixed in arithmetic, but they are compared.\n\n"
	"A fact that could not be read is absent, and a condition that needs it makes the rule not "
	"checked. "
	"has(a.b) asks whether a field is there, \"key\" in a whether a key is; && and || do not "
	"care for a "
	"missing fact when their other side decides.\n\n"
	"tcpadvise eval tries an expression over a snapshot or this host.";

/* tests/manual runs "rules check" over it. */
static const char example[] =
	"{\n"
	"  \"pack\": \"local\",\n"
	"  \"params\": {\n"
	"    \"waiting_max\": { \"value\": 20, \"unit\": \"connections\",\n"
	"                     \"basis\": \"our choice: what a restart may cost\" }\n"
	"  },\n"
	"  \"rules\": [\n"
	"    {\n"
	"      \"id\": \"our-queue-is-long\",\n"
	"      \"class\": \"accept_queue_overflow\",\n"
	"      \"for_each\": { \"l\": \"ns.listeners\" },\n"
	"      \"where\": \"l.port != 22\",\n"
	"      \"let\": { \"waiting\": \"l.queue_total\" },\n"
	"      \"severity\": [\n"
	"        { \"level\": \"warning\", \"when\": \"waiting > params.waiting_max\" }\n"
	"      ],\n"
	"      \"rank\": \"waiting\",\n"
	"      \"title\": \"{{waiting}} connections wait on {{l.local}}\",\n"
	"      \"diagnosis\": \"The program is slower to accept than clients come.\",\n"
	"      \"evidence\": [\n"
	"        { \"label\": \"waiting\", \"value\": \"waiting\", \"limit\": \"l.backlog\",\n"
	"          \"source\": \"sock_diag\" }\n"
	"      ],\n"
	"      \"passed\": \"The longest queue, {{l.local}}, has {{waiting}}.\",\n"
	"      \"fixes\": [\n"
	"        { \"kind\": \"application\", \"title\": \"Accept faster\" }\n"
	"      ],\n"
	"      \"references\": [\n"
	"        { \"title\": \"listen(2)\", \"kind\": \"man\",\n"
	"          \"url\": \"https://man7.org/linux/man-pages/man2/listen.2.html\" }\n"
	"      ]\n"
	"    }\n"
	"  ],\n"
	"  \"override\": {\n"
	"    \"silence\": [\n"
	"      { \"rule\": \"time-wait-normal\", \"reason\": \"known, and no problem\",\n"
	"        \"until\": \"2030-01-31\" }\n"
	"    ]\n"
	"  }\n"
	"}\n";

/* ---- members ----------------------------------------------------------------------- */

static const json_t *resolve(const json_t *root, const json_t *schema)
{
	const char *ref = ta_json_string(schema, "$ref");

	if (ref && strncmp(ref, "#/$defs/", 8) == 0)
		return json_object_get(json_object_get(root, "$defs"), ref + 8);
	return schema;
}

/* What an object has, or each element of a list, or each value of a map. */
static const json_t *inner_of(const json_t *root, const json_t *schema)
{
	const json_t *items = json_object_get(schema, "items");
	const json_t *values = json_object_get(schema, "additionalProperties");

	if (items)
		return resolve(root, items);
	if (!json_object_get(schema, "properties") && json_is_object(values))
		return resolve(root, values);
	return schema;
}

static bool is_required(const json_t *schema, const char *name)
{
	size_t i;
	json_t *item;

	json_array_foreach (json_object_get(schema, "required"), i, item)
		if (strcmp(json_string_value(item), name) == 0)
			return true;
	return false;
}

static void put_choices(struct ta_buf *out, const json_t *choices)
{
	ta_auto(ta_buf_done) struct ta_buf text = TA_BUF_INIT(16384);
	size_t i;
	json_t *choice;

	json_array_foreach (choices, i, choice)
		ta_buf_printf(&text, "%s%s", i ? ", " : "One of ", json_string_value(choice));
	ta_roff_sentence(out, ta_buf_cstr(&text));
}

static void put_each(struct ta_buf *out, const char *what)
{
	ta_auto(ta_buf_done) struct ta_buf text = TA_BUF_INIT(16384);

	if (!*what)
		return;
	ta_buf_printf(&text, "Each: %s", what);
	ta_roff_sentence(out, ta_buf_cstr(&text));
}

static const char *type_of(const json_t *schema)
{
	const json_t *type = json_object_get(schema, "type");

	if (json_is_string(type))
		return json_string_value(type);
	return json_array_size(type) ? "number, boolean or string" : "";
}

static void put_members(struct ta_buf *out, const json_t *root, const json_t *schema);

static void put_member(struct ta_buf *out, const json_t *root, const json_t *parent,
		       const char *name, const json_t *schema)
{
	const json_t *inner = inner_of(root, schema);

	ta_roff_item(out, name, type_of(schema));
	ta_roff_sentence(out, ta_json_text(schema, "description"));
	if (inner != schema)
		put_each(out, ta_json_text(inner, "description"));
	put_choices(out, json_object_get(schema, "enum"));
	if (is_required(parent, name))
		ta_roff_words(out, "Required.");
	if (json_object_get(inner, "properties")) {
		ta_roff_indent(out);
		put_members(out, root, inner);
		ta_roff_outdent(out);
	}
}

static void put_members(struct ta_buf *out, const json_t *root, const json_t *schema)
{
	const char *name;
	json_t *member;

	json_object_foreach (json_object_get(schema, "properties"), name, member)
		if (*name != '$')
			put_member(out, root, schema, name, member);
}

static bool put_schema(struct ta_buf *out, struct ta_error *err)
{
	const struct ta_resource *resource = ta_resource_find("schema/rule-pack.schema.json");
	ta_auto(json_decref_p) json_t *schema = json_loadb(resource->data, resource->size, 0, NULL);

	if (!schema)
		return ta_fail(err, TA_E_NOMEM, "out of memory");
	put_members(out, schema, schema);
	return true;
}

/* ---- functions --------------------------------------------------------------------- */

static const char *word_of(char letter)
{
	static const struct {
		char letter;
		const char *word;
	} words[] = {
		{ 'n', "null" },     { 'b', "bool" },   { 'i', "int" },    { 'u', "uint" },
		{ 'd', "double" },   { 's', "string" }, { 'y', "bytes" },  { 'l', "list" },
		{ 'm', "map" },      { 't', "type" },   { 'N', "number" }, { '*', "any" },
		{ '=', "the same" },
	};

	for (size_t i = 0; i < TA_ARRAY_SIZE(words); i++)
		if (words[i].letter == letter)
			return words[i].word;
	return "";
}

/* "size(string)", "string.size()", "math.least(number, ...)". */
static void add_form(struct ta_buf *text, const struct ta_function *function, bool method)
{
	const char *letters = function->params;

	if (method)
		ta_buf_printf(text, "%s.", word_of(*letters++));
	ta_buf_printf(text, "%s(", function->name);
	for (const char *at = letters; *at; at++)
		if (*at == '+')
			ta_buf_str(text, ", ...");
		else
			ta_buf_printf(text, "%s%s", at > letters ? ", " : "", word_of(*at));
	ta_buf_char(text, ')');
}

/* The overloads of a name lie side by side. */
static const struct ta_function *put_function(struct ta_buf *out, const struct ta_function *first,
					      size_t *i)
{
	ta_auto(ta_buf_done) struct ta_buf text = TA_BUF_INIT(4096);
	const struct ta_function *row = first;

	for (; row && strcmp(row->name, first->name) == 0; row = ta_function_row(++*i)) {
		if (text.len)
			ta_buf_str(&text, ", ");
		if (row->style & TA_GLOBAL)
			add_form(&text, row, false);
		if (row->style == (TA_GLOBAL | TA_METHOD))
			ta_buf_str(&text, " or ");
		if (row->style & TA_METHOD)
			add_form(&text, row, true);
		ta_buf_printf(&text, " gives %s", word_of(row->result));
	}
	ta_roff_item(out, first->name, NULL);
	ta_roff_words(out, ta_buf_cstr(&text));
	return row;
}

static void put_macros(struct ta_buf *out)
{
	ta_auto(ta_buf_done) struct ta_buf text = TA_BUF_INIT(4096);
	const char *last = "";

	for (size_t i = 0; ta_macro_name(i); i++) {
		if (strcmp(ta_macro_name(i), last) != 0)
			ta_buf_printf(&text, "%s%s()", i ? ", " : "Macros: ", ta_macro_name(i));
		last = ta_macro_name(i);
	}
	ta_buf_str(&text, ". Over the elements of a list or map: list.exists(x, x > 5). all, "
			  "exists, exists_one and the transforms take "
			  "two variables, too: of a map the key and the value.");
	ta_roff_new_paragraph(out);
	ta_roff_words(out, ta_buf_cstr(&text));
}

static void put_functions(struct ta_buf *out)
{
	size_t i = 0;

	put_macros(out);
	for (const struct ta_function *row = ta_function_row(0); row;)
		row = put_function(out, row, &i);
}

/* ---- the page ---------------------------------------------------------------------- */

static const char places[] = "/etc/tcpadvise/rules.d/*.json\n"
			     "$XDG_CONFIG_HOME/tcpadvise/rules.d/*.json\n";

bool ta_manual_rules(struct ta_buf *out, struct ta_error *err)
{
	ta_roff_title(out, "TCPADVISE-RULES", "5");
	ta_roff_section(out, "NAME");
	ta_buf_str(out, "tcpadvise-rules \\- rule packs of tcpadvise\n");
	ta_roff_section(out, "SYNOPSIS");
	ta_roff_lines(out, places, sizeof(places) - 1);
	ta_roff_section(out, "DESCRIPTION");
	ta_roff_prose(out, about);
	ta_roff_section(out, "MEMBERS");
	if (!put_schema(out, err))
		return false;
	ta_roff_section(out, "OVERRIDES, PARAMETERS AND SILENCES");
	ta_roff_words(out, overrides);
	ta_roff_section(out, "CONDITIONS");
	ta_roff_prose(out, conditions);
	ta_roff_subsection(out, "Functions");
	put_functions(out);
	ta_roff_section(out, "FILES");
	ta_roff_item(out, "/etc/tcpadvise/rules.d/*.json", NULL);
	ta_roff_words(out, "The packs of this host, in the order of their names.");
	ta_roff_item(out, "~/.config/tcpadvise/rules.d/*.json", NULL);
	ta_roff_words(out,
		      "Those of a user; $XDG_CONFIG_HOME stands for ~/.config where it is set.");
	ta_roff_section(out, "EXAMPLES");
	ta_roff_words(out, "A pack with a rule that looks at each listener, and a silence:");
	ta_roff_new_paragraph(out);
	ta_roff_lines(out, example, sizeof(example) - 1);
	ta_roff_section(out, "SEE ALSO");
	ta_roff_words(out, "tcpadvise(1)");
	return true;
}

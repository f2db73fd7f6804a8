/* html_diagram.c - the state diagram of RFC 9293, figure 5, with the sockets of this host on its
 * states.
 *
 * All eleven states and the transitions of the figure, by two tables below. CLOSED stands twice, as
 * it does there: counted at the top, and dashed where connections end. A state that a finding of
 * severity warning or critical is about is marked. The meaning of each is in a tooltip, and in the
 * list below the diagram, which is where its link leads. */
#include <ctype.h>
#include <string.h>

#include "base/json.h"
#include "base/language.h"
#include "report/html.h"
#include "snapshot/states.h"

enum { COLUMNS_MAX = 12, WORD_MAX = 24 };

/* ---- the figure -------------------------------------------------------------------------- */

enum { NODE_WIDTH = 136, NODE_HEIGHT = 54, VIEW_WIDTH = 940, VIEW_HEIGHT = 716 };

static const struct node {
	const char *key; /* as in a snapshot */
	int x, y;        /* of its middle */
} nodes[] = {
	{ "close", 450, 45 },       { "listen", 450, 165 },      { "syn_recv", 110, 285 },
	{ "syn_sent", 790, 285 },   { "established", 450, 385 }, { "fin_wait1", 110, 465 },
	{ "close_wait", 790, 465 }, { "fin_wait2", 110, 577 },   { "closing", 450, 577 },
	{ "last_ack", 790, 577 },   { "time_wait", 450, 677 },
};

enum { STATES = TA_ARRAY_SIZE(nodes) };

/* Where connections end. */
static const struct node end_node = { "close", 790, 677 };

enum anchor { START, MIDDLE, END };

/* An arrow, and where its two lines of words stand: the event, and what is done. */
static const struct arrow {
	const char *path;
	const char *event, *action;
	int x, y;
	enum anchor anchor;
} arrows[] = {
	{ "M430 72V136", "passive OPEN", "create TCB", 420, 100, END },
	{ "M470 138V74", "CLOSE", "delete TCB", 480, 100, START },
	{ "M518 35H795Q815 35 815 55V256", "active OPEN", "create TCB, snd SYN", 823, 100, START },
	{ "M765 258V75Q765 55 745 55H520", "CLOSE", "delete TCB", 756, 178, END },
	{ "M382 172H150Q130 172 130 192V256", "rcv SYN", "snd SYN,ACK", 140, 194, START },
	{ "M90 258V172Q90 152 110 152H380", "rcv RST", NULL, 236, 145, MIDDLE },
	{ "M518 172H640Q660 172 660 192V250Q660 270 680 270H720", "SEND", "snd SYN", 650, 226,
	  END },
	{ "M722 285H180", "rcv SYN", "snd SYN,ACK", 450, 277, MIDDLE },
	{ "M178 300H280Q300 300 300 320V355Q300 375 320 375H380", "rcv ACK of SYN", "x", 290, 330,
	  END },
	{ "M722 300H620Q600 300 600 320V355Q600 375 580 375H520", "rcv SYN,ACK", "snd ACK", 610,
	  330, START },
	{ "M90 312V436", "CLOSE", "snd FIN", 100, 380, START },
	{ "M382 396H280Q260 396 260 416V437Q260 457 240 457H180", "CLOSE", "snd FIN", 272, 424,
	  START },
	{ "M518 396H620Q640 396 640 416V437Q640 457 660 457H720", "rcv FIN", "snd ACK", 628, 424,
	  END },
	{ "M110 492V548", "rcv ACK of FIN", "x", 120, 520, START },
	{ "M178 474H425Q445 474 445 494V548", "rcv FIN", "snd ACK", 436, 494, END },
	{ "M790 492V548", "CLOSE", "snd FIN", 780, 520, END },
	{ "M110 604V657Q110 677 130 677H380", "rcv FIN", "snd ACK", 246, 669, MIDDLE },
	{ "M450 604V648", "rcv ACK of FIN", "x", 460, 624, START },
	{ "M790 604V648", "rcv ACK of FIN", "x", 780, 624, END },
	{ "M518 677H720", "timeout = 2 MSL", "delete TCB", 620, 669, MIDDLE },
};

/* ---- counts and marks --------------------------------------------------------------------- */

struct mark {
	enum ta_severity severity; /* NONE: no finding is about it */
	const json_t *finding;
	size_t entry; /* of the outline */
};

struct diagram {
	struct ta_html *html;
	const json_t *namespaces;
	struct mark marks[STATES];
};

/* Sum over the namespaces; how many of them tell it. */
static json_int_t count_of(const struct diagram *diagram, size_t state, size_t *ret_known)
{
	json_int_t sum = 0;
	const json_t *namespace;
	size_t i;

	*ret_known = 0;
	json_array_foreach (diagram->namespaces, i, namespace) {
		const json_t *count =
			json_object_get(json_object_get(namespace, "states"), nodes[state].key);

		if (!json_is_integer(count) ||
		    __builtin_add_overflow(sum, json_integer_value(count), &sum))
			continue;
		++*ret_known;
	}
	return sum;
}

/* "51"; "51 or more" where some namespaces do not tell, "?" where none does. */
static void add_count(struct ta_buf *out, const struct diagram *diagram, size_t state)
{
	size_t known;
	json_int_t count = count_of(diagram, state, &known);

	if (!known)
		ta_buf_char(out, '?');
	else if (known < json_array_size(diagram->namespaces))
		ta_buf_printf(out, "\xe2\x89\xa5 %lld", (long long)count);
	else
		ta_buf_int(out, count);
}

static bool is_word_byte(char c)
{
	return isupper((unsigned char)c) || isdigit((unsigned char)c) || c == '_' || c == '-';
}

/* Whether the text names the state as one: in capitals, in any spelling ("CLOSE_WAIT"). */
static bool names_state(const char *text, const char *key)
{
	while (*text) {
		size_t len = 0;
		const struct ta_state *state;

		while (is_word_byte(text[len]))
			len++;
		state = len > 3 && len < WORD_MAX ? ta_state_find(text, len) : NULL;
		if (state && strcmp(state->key, key) == 0)
			return true;
		text += len ? len : 1;
	}
	return false;
}

/* Whether the class of problems begins with the state ("close_wait_leak"), and with no longer one.
 */
static bool begins_with(const char *class, const char *key)
{
	size_t len = strlen(key);

	if (strncmp(class, key, len) != 0)
		return false;
	for (size_t n = 0; n < STATES; n++)
		if (strlen(nodes[n].key) > len &&
		    strncmp(class, nodes[n].key, strlen(nodes[n].key)) == 0)
			return false;
	return true;
}

/* Whether the finding is about sockets in this state: its class begins with it, its title or its
 * first figure names it, or it is about a listener. */
static bool is_about(const json_t *finding, const char *key)
{
	const json_t *figure = json_array_get(json_object_get(finding, "evidence"), 0);
	const char *kind = ta_json_text(json_object_get(finding, "scope"), "kind");

	return begins_with(ta_json_text(finding, "class"), key) ||
	       names_state(ta_json_text(finding, "title"), key) ||
	       names_state(ta_json_text(figure, "label"), key) ||
	       (strcmp(kind, "listener") == 0 && strcmp(key, "listen") == 0);
}

/* The worst finding about each state: the outline has them worst first. */
static void find_marks(struct diagram *diagram)
{
	const struct ta_outline *outline = &diagram->html->outline;

	for (size_t i = 0; i < outline->count; i++) {
		const json_t *finding = outline->entries[i].finding;
		enum ta_severity severity = ta_finding_severity(finding);

		for (size_t n = 0; n < STATES && severity > TA_SEVERITY_INFO; n++)
			if (severity > diagram->marks[n].severity &&
			    is_about(finding, nodes[n].key))
				diagram->marks[n] = (struct mark){ severity, finding, i };
	}
}

static const char *class_of(const struct diagram *diagram, size_t state)
{
	size_t known;

	if (diagram->marks[state].severity == TA_SEVERITY_CRITICAL)
		return "critical";
	if (diagram->marks[state].severity == TA_SEVERITY_WARNING)
		return "warning";
	return count_of(diagram, state, &known) ? "some" : "none";
}

static const struct ta_state *state_of(const char *key)
{
	return ta_state_find(key, strlen(key));
}

/* ---- drawing ------------------------------------------------------------------------------ */

static void put_arrow(struct ta_buf *out, const struct arrow *arrow)
{
	static const char *const anchors[] = { "start", "middle", "end" };

	ta_html(out,
		"<g class=\"arrow\"><path d=\"%s\" marker-end=\"url(#head)\"/>"
		"<text x=\"%d\" y=\"%d\" text-anchor=\"%s\">%s",
		arrow->path, arrow->x, arrow->y, anchors[arrow->anchor], arrow->event);
	if (arrow->action)
		ta_html(out, "<tspan class=\"action\" x=\"%d\" dy=\"%d\">%s</tspan>", arrow->x,
			arrow->anchor == MIDDLE ? 23 : 14, arrow->action);
	ta_html(out, "</text></g>\n");
}

static void put_box(struct ta_buf *out, const struct node *node)
{
	ta_html(out, "<rect x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" rx=\"8\"/>",
		node->x - NODE_WIDTH / 2, node->y - NODE_HEIGHT / 2, NODE_WIDTH, NODE_HEIGHT);
}

/* "!" in a corner: a colour alone says nothing to many, and to printers. */
static void put_badge(struct ta_buf *out, const struct node *node)
{
	int x = node->x + NODE_WIDTH / 2 - 4, y = node->y - NODE_HEIGHT / 2 + 4;

	ta_html(out,
		"<circle class=\"alert\" cx=\"%d\" cy=\"%d\" r=\"11\"/>"
		"<text class=\"alert\" x=\"%d\" y=\"%d\">!</text>",
		x, y, x, y + 5);
}

static void put_node(struct ta_html *html, const struct diagram *diagram, size_t n)
{
	const struct node *node = &nodes[n];
	const struct ta_state *state = state_of(node->key);
	const char *name = state ? state->name : node->key;
	ta_auto(ta_buf_done) struct ta_buf count = TA_BUF_INIT(64);

	add_count(&count, diagram, n);
	ta_html(html->out,
		"<a href=\"#state-%s\" class=\"state %s\" data-state=\"%s\" data-count=\"%s\" "
		"aria-label=\"%s: %s\"><title>%s: %s",
		node->key, class_of(diagram, n), node->key, ta_buf_cstr(&count), name,
		ta_buf_cstr(&count), name, ta_buf_cstr(&count));
	if (diagram->marks[n].finding)
		ta_html(html->out, "\n%s", ta_json_text(diagram->marks[n].finding, "title"));
	if (state)
		ta_html(html->out, "\n%s", _(ta_json_text(state->facts, "meaning")));
	ta_html(html->out, "</title>");
	put_box(html->out, node);
	ta_html(html->out,
		"<text class=\"name\" x=\"%d\" y=\"%d\">%s</text>"
		"<text class=\"count\" x=\"%d\" y=\"%d\">%s</text>",
		node->x, node->y - 7, name, node->x, node->y + 17, ta_buf_cstr(&count));
	if (diagram->marks[n].finding)
		put_badge(html->out, node);
	ta_html(html->out, "</a>\n");
}

static void put_end(struct ta_buf *out)
{
	ta_html(out, "<g class=\"end\" aria-hidden=\"true\">");
	put_box(out, &end_node);
	ta_html(out, "<text class=\"name\" x=\"%d\" y=\"%d\">CLOSED</text></g>\n", end_node.x,
		end_node.y + 5);
}

static void put_drawing(struct diagram *diagram)
{
	struct ta_buf *out = diagram->html->out;

	ta_html(out,
		"<div class=\"scroll\" tabindex=\"0\" role=\"group\" aria-label=\"%s\">\n"
		"<svg class=\"diagram\" viewBox=\"20 0 %d %d\" role=\"group\" aria-label=\"%s\">\n"
		"<defs><marker id=\"head\" viewBox=\"0 0 10 10\" refX=\"8\" refY=\"5\" "
		"markerWidth=\"7\" markerHeight=\"7\" orient=\"auto-start-reverse\">"
		"<path d=\"M0 0L10 5L0 10z\"/></marker></defs>\n",
		_("TCP state diagram"), VIEW_WIDTH, VIEW_HEIGHT,
		_("The states of a TCP connection, the ways between them, and how many sockets of "
		  "this host are in each"));
	for (size_t i = 0; i < TA_ARRAY_SIZE(arrows); i++)
		put_arrow(out, &arrows[i]);
	put_end(out);
	for (size_t i = 0; i < STATES; i++)
		put_node(diagram->html, diagram, i);
	ta_html(out, "</svg></div>\n");
}

/* ---- words -------------------------------------------------------------------------------- */

static void put_caption(struct diagram *diagram)
{
	size_t count = json_array_size(diagram->namespaces);
	const char *name = ta_json_text(json_array_get(diagram->namespaces, 0), "name");

	ta_html(diagram->html->out, "<p>");
	if (count == 1)
		ta_html_sentence(diagram->html->out,
				 _("The sockets of the network namespace %s, by state."), name);
	else
		ta_html_sentence(diagram->html->out,
				 _("The sockets of all %zu network namespaces together, by state; "
				   "those of each are below."),
				 count);
	ta_html(diagram->html->out, " %s</p>\n",
		_("Arrows say the event, and below it what is done. A state with an exclamation "
		  "mark is one that a finding is about. x: nothing is done."));
}

static void put_meaning(struct diagram *diagram, size_t n)
{
	const struct ta_state *state = state_of(nodes[n].key);
	const struct mark *mark = &diagram->marks[n];
	struct ta_buf *out = diagram->html->out;
	ta_auto(ta_buf_done) struct ta_buf count = TA_BUF_INIT(64);

	if (!state)
		return;
	add_count(&count, diagram, n);
	ta_html(out,
		"<div class=\"meaning %s\" id=\"state-%s\">\n<h3>%s <span class=\"count\">%s</span>"
		"</h3>\n",
		class_of(diagram, n), state->key, state->name, ta_buf_cstr(&count));
	if (mark->finding)
		ta_html(out, "<p class=\"about\"><a href=\"#finding-%zu\">%s</a></p>\n",
			mark->entry + 1, ta_json_text(mark->finding, "title"));
	ta_html(out, "<p>%s</p>\n<details><summary>%s</summary><dl class=\"facts\">",
		_(ta_json_text(state->facts, "meaning")), _("Who holds it, what ends it"));
	ta_html(out, "<dt>%s</dt><dd>%s</dd>", _("Who"), _(ta_json_text(state->facts, "who")));
	ta_html(out, "<dt>%s</dt><dd>%s</dd>", _("Many of them"),
		_(ta_json_text(state->facts, "many")));
	ta_html(out, "<dt>%s</dt><dd>%s</dd></dl></details></div>\n", _("What ends it"),
		_(ta_json_text(state->facts, "ends")));
}

static void put_cell(struct ta_buf *out, const json_t *count)
{
	if (json_is_integer(count))
		ta_html(out, "<td class=\"number\">%lld</td>",
			(long long)json_integer_value(count));
	else
		ta_html(out, "<td class=\"number\">?</td>");
}

/* A row for each namespace. */
static void put_each(struct diagram *diagram)
{
	struct ta_buf *out = diagram->html->out;
	const json_t *namespace;
	size_t i;

	ta_html(out,
		"<details><summary>%s</summary><div class=\"scroll\"><table class=\"sortable\">"
		"<thead><tr><th scope=\"col\">%s</th>",
		_("Each network namespace"), _("Namespace"));
	for (size_t n = 0; n < STATES; n++) {
		const struct ta_state *state = state_of(nodes[n].key);

		ta_html(out, "<th scope=\"col\">%s</th>", state ? state->name : nodes[n].key);
	}
	ta_html(out, "</tr></thead><tbody>\n");
	json_array_foreach (diagram->namespaces, i, namespace) {
		ta_html(out, "<tr><th scope=\"row\">%s</th>", ta_json_text(namespace, "name"));
		for (size_t n = 0; n < STATES; n++)
			put_cell(out, json_object_get(json_object_get(namespace, "states"),
						      nodes[n].key));
		ta_html(out, "</tr>\n");
	}
	ta_html(out, "</tbody></table></div></details>\n");
}

void ta_html_diagram(struct ta_html *html)
{
	struct diagram diagram = {
		.html = html,
		.namespaces = json_object_get(html->report, "namespaces"),
	};

	if (json_array_size(diagram.namespaces) == 0)
		return;
	find_marks(&diagram);
	ta_html_section(html, "states", _("TCP states"));
	put_caption(&diagram);
	put_drawing(&diagram);
	ta_html(html->out, "<div id=\"state-panel\" aria-live=\"polite\" hidden></div>\n");
	if (html->many)
		put_each(&diagram);
	ta_html(html->out,
		"<details class=\"meanings\"><summary>%s</summary><div class=\"grid\">\n",
		_("What the states mean"));
	for (size_t n = 0; n < STATES; n++)
		put_meaning(&diagram, n);
	ta_html(html->out, "</div></details>\n");
	ta_html_section_end(html);
}

/* SPDX-License-Identifier: MIT */
#include "script/matcher.h"

#include <string.h>

#define SIZE_LIMIT (16u << 20)
#define NO_WORD UINT32_MAX

/*
 * A node is a row of `letters` numbers of nodes: where each letter leads.
 * Letter 0 is every byte that no word contains.  Node 0 is the root.
 */
struct matcher {
	uint32_t letters, nodes;
	bool whole;
	uint8_t letter[256];
	const struct matcher_word *words;
	uint32_t *next;	   /* [nodes][letters] */
	uint32_t *word;	   /* the longest that ends here, or NO_WORD */
	uint32_t *shorter; /* the nearest suffix where a word ends, or 0 */
};

struct size {
	size_t letters, nodes;
};

static unsigned char
fold(unsigned char c, bool keep_case)
{
	return !keep_case && c >= 'A' && c <= 'Z'
	    ? (unsigned char)(c - 'A' + 'a') : c;
}

static struct size
measure(const struct matcher_options *options, uint8_t letter[256])
{
	struct size size = {1, 1};
	size_t i, j;
	unsigned char c;

	memset(letter, 0, 256);
	for (i = 0; i < options->count; i++) {
		size.nodes += options->words[i].len;
		for (j = 0; j < options->words[i].len; j++) {
			c = fold((unsigned char)options->words[i].text[j],
			    options->keep_case);
			if (letter[c] == 0 && size.letters < 256)
				letter[c] = (uint8_t)size.letters++;
		}
	}
	for (i = 'A'; i <= 'Z' && !options->keep_case; i++)
		letter[i] = letter[i - 'A' + 'a'];
	return size;
}

size_t
matcher_size(const struct matcher_options *options)
{
	uint8_t letter[256];
	struct size size = measure(options, letter);
	size_t bytes;

	if (size.nodes > SIZE_LIMIT / sizeof(uint32_t))
		return 0;
	bytes = size.nodes * (size.letters + 3) * sizeof(uint32_t) +
	    sizeof(struct matcher);
	return bytes <= SIZE_LIMIT ? bytes : 0;
}

static uint32_t *
edge(const struct matcher *m, uint32_t node, uint32_t letter)
{
	return &m->next[(size_t)node * m->letters + letter];
}

static void
add_word(struct matcher *m, uint32_t index)
{
	const struct matcher_word *word = &m->words[index];
	uint32_t node = 0, *to;
	size_t i;

	for (i = 0; i < word->len; i++) {
		to = edge(m, node, m->letter[(unsigned char)word->text[i]]);
		if (*to == 0)
			*to = m->nodes++;
		node = *to;
	}
	if (m->word[node] == NO_WORD)
		m->word[node] = index;
}

/*
 * Turns the trie into an automaton, breadth first: a node's longest proper
 * suffix (in `shorter` meanwhile) is nearer to the root, and finished.
 */
static void
add_suffixes(struct matcher *m, uint32_t *order)
{
	uint32_t head = 0, tail = 0, node, letter, to, suffix;

	order[tail++] = 0;
	while (head < tail) {
		node = order[head++];
		suffix = m->shorter[node];
		for (letter = 0; letter < m->letters; letter++) {
			to = *edge(m, node, letter);
			if (to == 0) {
				*edge(m, node, letter) = node == 0 ? 0
				    : *edge(m, suffix, letter);
				continue;
			}
			m->shorter[to] = node == 0 ? 0
			    : *edge(m, suffix, letter);
			order[tail++] = to;
		}
	}
	/* From suffix to the nearest suffix that is a word. */
	for (head = 1; head < tail; head++) {
		suffix = m->shorter[order[head]];
		m->shorter[order[head]] = m->word[suffix] != NO_WORD ? suffix
		    : m->shorter[suffix];
	}
}

struct matcher *
matcher_init(void *memory, const struct matcher_options *options)
{
	struct matcher *m = memory;
	struct size size;
	size_t i;

	size = measure(options, m->letter);
	m->letters = (uint32_t)size.letters;
	m->nodes = 1;
	m->whole = options->whole;
	m->words = options->words;
	m->next = (uint32_t *)(m + 1);
	m->word = m->next + size.nodes * size.letters;
	m->shorter = m->word + size.nodes;
	memset(m->next, 0, size.nodes * size.letters * sizeof(uint32_t));
	memset(m->word, 0xff, size.nodes * sizeof(uint32_t));
	memset(m->shorter, 0, size.nodes * sizeof(uint32_t));
	for (i = 0; i < options->count; i++)
		add_word(m, (uint32_t)i);
	add_suffixes(m, m->shorter + size.nodes);
	return m;
}

static bool
is_word_byte(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
	    (c >= 'A' && c <= 'Z') || c == '_' || (unsigned char)c >= 0x80;
}

static bool
stands_alone(const char *text, size_t len, size_t from, size_t to)
{
	return (from == 0 || !is_word_byte(text[from - 1])) &&
	    (to == len || !is_word_byte(text[to]));
}

bool
matcher_find(const struct matcher *m, const char *text, size_t len,
    struct matcher_found *found)
{
	uint32_t node = 0, end;
	size_t i, from;

	for (i = 0; i < len; i++) {
		node = *edge(m, node, m->letter[(unsigned char)text[i]]);
		end = m->word[node] != NO_WORD ? node : m->shorter[node];
		for (; end != 0; end = m->shorter[end]) {
			from = i + 1 - m->words[m->word[end]].len;
			if (m->whole &&
			    !stands_alone(text, len, from, i + 1))
				continue;
			if (found != NULL)
				*found = (struct matcher_found){
				    m->word[end], from, i + 1};
			return true;
		}
	}
	return false;
}

/* SPDX-License-Identifier: MIT */
#include "chat/call.h"
#include "chat/state.h"

#include <stdlib.h>

/*
 * Token buckets of one person, made at the first request.  Conversations
 * share a few buckets, the longest unused one making room.
 */
#define CONVERSATION_BUCKETS 8

struct bucket {
	double tokens;
	int64_t at_ms; /* 0: full */
};

/* While it is slow everywhere; whichever is over makes room. */
struct slow {
	uint64_t key;
	int64_t until_ms;
};

struct rates {
	struct bucket user, join;
	struct {
		struct bucket bucket;
		uint64_t conv;
	} conversations[CONVERSATION_BUCKETS];
	int64_t refused_ms; /* the last refusal */
	int64_t abuse_ms;   /* since when they go on */
	struct slow *slow;
	size_t slow_n;
};

static struct rates *
rates_of(struct person *person)
{
	struct person_more *more = person_more(person);

	if (more == NULL)
		return NULL;
	if (more->rates == NULL)
		more->rates = calloc(1, sizeof(*more->rates));
	return more->rates;
}

void
rates_free(struct rates *rates)
{
	if (rates != NULL)
		free(rates->slow);
	free(rates);
}

static void
refill(struct bucket *bucket, double rate, double burst, int64_t now)
{
	if (bucket->at_ms == 0)
		bucket->tokens = burst;
	else
		bucket->tokens += (double)(now - bucket->at_ms) / 1000 * rate;
	if (bucket->tokens > burst)
		bucket->tokens = burst;
	bucket->at_ms = now;
}

/*
 * How long until it has a token, in ms; 0: it has, or there is no limit.  One
 * more, so that who waits so long is not refused for a rounding.
 */
static uint32_t
wait_of(const struct bucket *bucket, double rate)
{
	double ms;

	if (bucket->tokens >= 1 || rate <= 0)
		return 0;
	ms = (1 - bucket->tokens) / rate * 1000 + 1;
	return ms < UINT32_MAX ? (uint32_t)ms : UINT32_MAX;
}

static struct bucket *
bucket_of(struct rates *rates, uint64_t conv)
{
	size_t i, oldest = 0;

	for (i = 0; i < CONVERSATION_BUCKETS; i++) {
		if (rates->conversations[i].conv == conv)
			return &rates->conversations[i].bucket;
		if (rates->conversations[i].bucket.at_ms <
		    rates->conversations[oldest].bucket.at_ms)
			oldest = i;
	}
	rates->conversations[oldest].conv = conv;
	rates->conversations[oldest].bucket = (struct bucket){0};
	return &rates->conversations[oldest].bucket;
}

uint32_t
rates_take(struct person *person, enum rate_kind kind)
{
	const struct chat_limits *limits = &person->chat->limits;
	struct rates *rates;
	struct bucket *bucket;
	double rate, burst;
	uint32_t wait;

	if (limits->off || (rates = rates_of(person)) == NULL)
		return 0;
	bucket = kind == RATE_JOIN ? &rates->join : &rates->user;
	rate = kind == RATE_JOIN ? limits->join_rate : limits->user_rate;
	burst = kind == RATE_JOIN ? limits->join_burst : limits->user_burst;
	refill(bucket, rate, burst, chat_now_ms(person->chat));
	wait = wait_of(bucket, rate);
	if (wait == 0)
		bucket->tokens -= 1;
	return wait;
}

uint32_t
rates_take_message(struct person *person, uint64_t conv)
{
	const struct chat_limits *limits = &person->chat->limits;
	struct rates *rates;
	struct bucket *bucket;
	int64_t now;
	uint32_t wait, other;

	if (limits->off || (rates = rates_of(person)) == NULL)
		return 0;
	now = chat_now_ms(person->chat);
	bucket = bucket_of(rates, conv);
	refill(&rates->user, limits->user_rate, limits->user_burst, now);
	refill(bucket, limits->conversation_rate, limits->conversation_burst,
	    now);
	wait = wait_of(&rates->user, limits->user_rate);
	other = wait_of(bucket, limits->conversation_rate);
	if (other > wait)
		wait = other;
	if (wait == 0) {
		rates->user.tokens -= 1;
		bucket->tokens -= 1;
	}
	return wait;
}

/* That of key, or one that is over, or a new one; NULL: no memory. */
static struct slow *
slow_of(struct rates *rates, uint64_t key, int64_t now)
{
	struct slow *slow = NULL, *more;
	size_t i;

	for (i = 0; i < rates->slow_n; i++) {
		if (rates->slow[i].key == key)
			return &rates->slow[i];
		if (rates->slow[i].until_ms <= now)
			slow = &rates->slow[i];
	}
	if (slow == NULL) {
		more = realloc(rates->slow,
		    (rates->slow_n + 1) * sizeof(*more));
		if (more == NULL)
			return NULL;
		rates->slow = more;
		slow = &rates->slow[rates->slow_n++];
	}
	*slow = (struct slow){.key = key};
	return slow;
}

uint32_t
rates_take_slow(struct person *person, uint64_t key)
{
	uint32_t slow_ms = person->chat->limits.slow_ms;
	int64_t now = chat_now_ms(person->chat);
	struct rates *rates;
	struct slow *slow;

	if (slow_ms == 0 || (rates = rates_of(person)) == NULL)
		return 0;
	slow = slow_of(rates, key, now);
	if (slow == NULL)
		return slow_ms;
	if (slow->until_ms > now)
		return (uint32_t)(slow->until_ms - now);
	slow->until_ms = now + slow_ms;
	return 0;
}

/* A message that turned out to be a repeat cost nothing. */
void
rates_give_back(struct person *person, uint64_t conv)
{
	struct rates *rates = rates_of(person);

	if (rates == NULL)
		return;
	rates->user.tokens += 1;
	bucket_of(rates, conv)->tokens += 1;
}

static uint64_t
refilled_ms(const struct bucket *bucket, double rate, double burst,
    int64_t now)
{
	double ms;

	if (bucket->at_ms == 0 || rate <= 0)
		return 0;
	ms = (burst - bucket->tokens) / rate * 1000 -
	    (double)(now - bucket->at_ms);
	return ms > 0 ? (uint64_t)ms + 1 : 0;
}

uint64_t
rates_refilled_ms(const struct person *person)
{
	const struct chat_limits *limits = &person->chat->limits;
	const struct rates *rates =
	    person->more != NULL ? person->more->rates : NULL;
	int64_t now = chat_now_ms(person->chat);
	uint64_t most = 0, ms;
	size_t i;

	for (i = 0; rates != NULL && i < rates->slow_n; i++) {
		if (rates->slow[i].until_ms > now + (int64_t)most)
			most = (uint64_t)(rates->slow[i].until_ms - now);
	}
	if (rates == NULL || limits->off)
		return most;
	ms = refilled_ms(&rates->user, limits->user_rate,
	    limits->user_burst, now);
	most = ms > most ? ms : most;
	ms = refilled_ms(&rates->join, limits->join_rate, limits->join_burst,
	    now);
	most = ms > most ? ms : most;
	for (i = 0; i < CONVERSATION_BUCKETS; i++) {
		ms = refilled_ms(&rates->conversations[i].bucket,
		    limits->conversation_rate, limits->conversation_burst,
		    now);
		most = ms > most ? ms : most;
	}
	return most;
}

void
chat_allowance(struct chat *chat, uint64_t uid,
    struct chat_allowance *allowance)
{
	const struct chat_limits *limits = &chat->limits;
	const struct person *person = person_find(chat, uid);
	struct bucket bucket = {0};
	double full_s;

	*allowance = (struct chat_allowance){0};
	if (limits->off || limits->user_rate <= 0)
		return;
	if (person != NULL && person->more != NULL &&
	    person->more->rates != NULL)
		bucket = person->more->rates->user;
	refill(&bucket, limits->user_rate, limits->user_burst,
	    chat_now_ms(chat));
	allowance->limit = (uint32_t)limits->user_burst;
	allowance->remaining = (uint32_t)bucket.tokens;
	full_s = (limits->user_burst - bucket.tokens) / limits->user_rate;
	allowance->reset_s = (uint32_t)full_s;
	if (full_s > allowance->reset_s)
		allowance->reset_s++;
}

uint32_t
chat_charge(struct chat *chat, uint64_t uid)
{
	struct person *person = person_obtain(chat, uid);
	uint32_t wait_ms;

	if (person == NULL)
		return 0;
	wait_ms = rates_take(person, RATE_REQUEST);
	person_release(person); /* lingers until it is full again */
	return wait_ms;
}

bool
rates_abused(struct person *person)
{
	const int64_t pause_ms = 2000;
	struct rates *rates = rates_of(person);
	int64_t now = chat_now_ms(person->chat);

	if (rates == NULL)
		return false;
	if (rates->refused_ms == 0 || now - rates->refused_ms > pause_ms)
		rates->abuse_ms = now;
	rates->refused_ms = now;
	return now - rates->abuse_ms > person->chat->limits.abuse_ms;
}

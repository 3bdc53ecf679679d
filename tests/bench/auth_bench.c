/* SPDX-License-Identifier: MIT */
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "auth/password.h"
#include "auth/token.h"
#include "base/scope.h"

/*
 * What it costs to sign and to verify a token by each algorithm, and to hash
 * a password: CPU of one thread.  Prints a JSON line each.
 *
 *	auth_bench [SECONDS]
 */
static const struct token_rules rules = {true, "https://chat.example", "chat",
    NULL};
static const struct token_grant grant = {"alice", 42, SCOPE_ALL, 600};

static double
cpu_s(void)
{
	struct timespec at;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &at);
	return (double)at.tv_sec + (double)at.tv_nsec / 1e9;
}

static void
die(const struct error *err)
{
	fprintf(stderr, "auth_bench: %s\n", err->text);
	exit(1);
}

static double
signs_per_s(const struct token_signer *signer, double seconds,
    char token[TOKEN_MAX + 1])
{
	double from = cpu_s();
	struct error err;
	unsigned long n;

	for (n = 0; n % 16 != 0 || cpu_s() - from < seconds; n++)
		if (token_sign(signer, &grant, 1000, token, &err) != 0)
			die(&err);
	return (double)n / (cpu_s() - from);
}

static double
verifies_per_s(const struct token_signer *signer, double seconds,
    const char *token)
{
	double from = cpu_s();
	struct token_claims claims;
	struct error err;
	unsigned long n;

	for (n = 0; n % 16 != 0 || cpu_s() - from < seconds; n++)
		if (token_verify(signer, 1, token, strlen(token), 1000,
		    &claims, &err) != 0)
			die(&err);
	return (double)n / (cpu_s() - from);
}

static void
measure(struct token_key *key, double seconds)
{
	struct token_signer signer = {key, &rules};
	char token[TOKEN_MAX + 1];
	double signs, verifies;

	signs = signs_per_s(&signer, seconds, token);
	verifies = verifies_per_s(&signer, seconds, token);
	printf("{\"algorithm\":\"%s\",\"bytes\":%zu,\"sign_per_s\":%.0f,"
	    "\"verify_per_s\":%.0f,\"verify_us\":%.1f}\n",
	    token_algorithm_name(token_key_algorithm(key)), strlen(token),
	    signs, verifies, 1e6 / verifies);
	token_key_free(key);
}

static struct token_key *
key_of(EVP_PKEY *pkey)
{
	struct error err = {ERROR_SYSTEM, "cannot make a key"};
	struct token_key *key = pkey == NULL ? NULL :
	    token_key_of(pkey, &err);

	if (key == NULL || token_key_set_thumbprint(key, &err) != 0)
		die(&err);
	EVP_PKEY_free(pkey);
	return key;
}

static void
measure_password(unsigned cost)
{
	char hash[PASSWORD_TEXT];
	double from = cpu_s();
	struct error err;

	if (password_hash("correct horse", 13, cost, hash, &err) != 0)
		die(&err);
	printf("{\"password\":\"%.*s\",\"cost\":%u,\"hash_ms\":%.1f}\n",
	    (int)strcspn(hash + 1, "$"), hash + 1, cost,
	    (cpu_s() - from) * 1e3);
}

int
main(int argc, char *argv[])
{
	static const char secret[] = "0123456789abcdef0123456789abcdef";
	double seconds = argc > 1 ? atof(argv[1]) : 2;

	measure(token_key_new(secret, sizeof(secret) - 1, NULL), seconds);
	measure(key_of(EVP_PKEY_Q_keygen(NULL, NULL, "ED25519")), seconds);
	measure(key_of(EVP_EC_gen("P-256")), seconds);
	measure(key_of(EVP_RSA_gen(2048)), seconds);
	measure_password(PASSWORD_COST_REAL);
	measure_password(PASSWORD_COST);
	measure_password(PASSWORD_COST_MAX);
	return 0;
}

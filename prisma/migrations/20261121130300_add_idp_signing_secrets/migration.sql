-- What providers that sign their calls share with the vault, one secret for each user of a hook.

CREATE TABLE "keystore"."idp_signing_secret" (
    "hook" TEXT NOT NULL,
    "username" TEXT NOT NULL,
    "keyset_id" UUID NOT NULL,
    "keyset_version" INTEGER NOT NULL,
    "sealed" BYTEA NOT NULL,
    "set_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "idp_signing_secret_pkey" PRIMARY KEY ("hook", "username")
);

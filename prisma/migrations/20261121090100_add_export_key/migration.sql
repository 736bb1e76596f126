-- The key that exported values are sealed under: one per export root key, wrapped by it.
CREATE TABLE "keystore"."export_key" (
    "root" BYTEA NOT NULL,
    "key_id" UUID NOT NULL,
    "wrapped" BYTEA NOT NULL,
    "created_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "export_key_pkey" PRIMARY KEY ("root")
);

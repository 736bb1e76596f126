-- What users are in organizations: each a row with an object of its own, held by the user's row.

ALTER TABLE "idp_subject" ADD COLUMN "user_hash" BYTEA;
ALTER TABLE "idp_subject" ADD CONSTRAINT "idp_subject_user_hash_fkey" FOREIGN KEY ("user_hash") REFERENCES "idp_subject"("hash") ON DELETE CASCADE ON UPDATE CASCADE;

create index idp_subject_user on idp_subject (user_hash) where user_hash is not null;

# Build: everything, with the development dependencies that generate and compile.
FROM node:24-bookworm-slim AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
# With the optional ones, for esbuild's program is one of them; what runs below has none.
RUN npm ci --ignore-scripts
COPY tsconfig.json tsconfig.build.json openapi.yaml README.md ./
COPY openapi openapi
COPY prisma prisma
COPY scripts scripts
COPY src src
RUN npm run build && npm prune --omit=dev --omit=optional --ignore-scripts

# Run: the compiled vault and its production dependencies, as an ordinary user, without a PostgreSQL.
FROM node:24-bookworm-slim
# The C library's arenas, up to eight for each core, would hold some 20 MB of freed memory.
ENV NODE_ENV=production \
    MALLOC_ARENA_MAX=2 \
    COATCHECK_SERVICE_LISTEN_ADDR=0.0.0.0:8123
WORKDIR /app
COPY --from=build /app/node_modules node_modules
COPY --from=build /app/dist dist
COPY package.json openapi.yaml LICENSE ./
COPY bin bin
COPY prisma prisma
# A volume mounted here takes over its owner.
RUN install -d -o node -g node -m 0700 /var/lib/coatcheck
USER node
EXPOSE 8123
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s \
  CMD ["node", "bin/coatcheck.js", "health"]
CMD ["node", "--disable-proto=delete", "bin/coatcheck.js", "serve"]

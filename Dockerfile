# docker build -t fleetdash . ; docs/deploy.md says how to run it
FROM python:3.11-slim AS build
WORKDIR /opt/fleetdash
COPY requirements.lock .
RUN python -m venv .venv && .venv/bin/python -m pip install --quiet --no-cache-dir --no-deps -r requirements.lock

FROM python:3.11-slim
RUN groupadd --system --gid 8050 fleetdash && \
    useradd --system --uid 8050 --gid 8050 --home-dir /var/lib/fleetdash --shell /usr/sbin/nologin fleetdash && \
    install -d -o fleetdash -g fleetdash -m 0700 /var/lib/fleetdash
WORKDIR /opt/fleetdash
COPY --from=build /opt/fleetdash/.venv .venv
COPY app.py ./
COPY assets assets
COPY fleetdash fleetdash
COPY migrations migrations
RUN .venv/bin/python -m compileall -q app.py fleetdash migrations
USER fleetdash
# the database, its journal and the sessions' secret
WORKDIR /var/lib/fleetdash
VOLUME /var/lib/fleetdash
# inside a container loopback is out of everyone's reach; so the fleet file has to have accounts
ENV FLEETDASH_CONFIG=/etc/fleetdash/fleetdash.toml FLEETDASH_SERVER__HOST=0.0.0.0 PYTHONUNBUFFERED=1
EXPOSE 8050
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=10s --start-period=30s CMD ["/opt/fleetdash/.venv/bin/python", "-c", \
  "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8050/api/health', timeout=5)"]
ENTRYPOINT ["/opt/fleetdash/.venv/bin/python", "/opt/fleetdash/app.py"]
CMD ["serve"]

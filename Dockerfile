# One image for the web server, the worker and the timetable. Built: docker compose build. Configured by the environment only.
FROM python:3.13-slim-bookworm

RUN apt-get update \
    && apt-get install -y --no-install-recommends libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 fontconfig \
    && rm -rf /var/lib/apt/lists/*

ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 DJANGO_SETTINGS_MODULE=pepportal.settings
WORKDIR /portal

COPY requirements.lock .
RUN pip install --no-cache-dir --require-hashes -r requirements.lock

COPY manage.py ./
COPY pepportal pepportal
COPY children children
COPY peps peps
COPY meetings meetings
COPY targets targets
COPY funding funding
COPY qa qa
COPY templates templates
COPY static static

# The key is for this one command and stays out of the image: it signs nothing.
RUN SECRET_KEY=only-for-collectstatic python manage.py collectstatic --no-input --verbosity 0 \
    && useradd --system --home-dir /nonexistent portal \
    && install -d -o portal -g portal /files

USER portal
ENV FILES_FOLDER=/files
EXPOSE 8000
CMD ["gunicorn", "--bind", "0.0.0.0:8000", "--worker-class", "gthread", "--workers", "2", "--threads", "4", "--no-control-socket", "--worker-tmp-dir", "/dev/shm", "pepportal.wsgi"]

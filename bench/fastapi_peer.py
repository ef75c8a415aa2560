"""The FastAPI peer of `bench tasks`: one route with a background task, and one without."""

import socket

import uvicorn
from fastapi import BackgroundTasks, FastAPI
from fastapi.responses import PlainTextResponse

app = FastAPI()


async def nothing():
    pass


@app.get("/task", response_class=PlainTextResponse)
async def task(tasks: BackgroundTasks):
    tasks.add_task(nothing)
    return "done"


@app.get("/none", response_class=PlainTextResponse)
async def none():
    return "done"


listener = socket.socket()
listener.bind(("127.0.0.1", 0))
listener.listen(1024)
print(f"http://127.0.0.1:{listener.getsockname()[1]}/", flush=True)
uvicorn.Server(uvicorn.Config(app, log_level="warning")).run(sockets=[listener])
